import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import {
  healthcheckTest,
  invalidDevice,
  invalidExtraHost,
  invalidRestart,
  negativeCount,
  oldBoolean,
  platformNotBuilt,
  profileDependency,
} from './service-values.ts';

const { reports, fixes } = compose();
const service = (text: string): string => `services: {a: {${text}}}\n`;

test('numbers of containers', () => {
  reports(negativeCount, service('scale: «-1»'), 'services.a.scale: must be greater than or equal to 0');
  reports(
    negativeCount,
    service('deploy: {replicas: «-2»}'),
    'services.a.deploy.replicas: must be greater than or equal to 0',
  );
  reports(negativeCount, service('scale: 0'));
});

test('restart policies', () => {
  reports(invalidRestart, service('restart: «allways»'), "services.a.restart: invalid restart policy 'allways'");
  for (const policy of ['"no"', 'always', 'on-failure:3', 'unless-stopped', '$R'])
    reports(invalidRestart, service(`restart: ${policy}`));
  fixes(invalidRestart, service('restart: allways'), service('restart: always'));
});

test('health checks', () => {
  const message = 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"';
  reports(healthcheckTest, service('healthcheck: {test: [«curl», x]}'), message);
  reports(healthcheckTest, service('healthcheck: {test: [CMD, x]}'));
  reports(healthcheckTest, service('healthcheck: {test: curl x}'));
  fixes(healthcheckTest, service('healthcheck: {test: ["curl"]}'), service('healthcheck: {test: ["CMD", "curl"]}'));
});

test('extra hosts', () => {
  reports(
    invalidExtraHost,
    service('extra_hosts: [«db», "a:1.2.3.4", b=::1]'),
    'invalid additional host, missing IP: db',
  );
  reports(invalidExtraHost, service('extra_hosts: {db: 1.2.3.4}'));
});

test('platforms', () => {
  const message = 'build.platforms MUST include the service\'s platform "linux/arm64"';
  reports(platformNotBuilt, service('platform: «linux/arm64», build: {platforms: [linux/amd64]}'), message);
  reports(platformNotBuilt, service('platform: linux/arm64, build: {platforms: [linux/amd64, linux/arm64]}'));
  reports(platformNotBuilt, service('platform: linux/arm64, build: {platforms: [$P]}'));
});

test('dependencies of other profiles', () => {
  const message = 'service "a" depends on "b", which starts only with the profile \'p\'';
  const both = (a: string, b: string): string => `services: {a: {${a}}, b: {${b}}}\n`;
  reports(profileDependency, both('depends_on: [«b»]', 'profiles: [p]'), message);
  reports(profileDependency, both('depends_on: [«b»], profiles: [p, q]', 'profiles: [p]'), message);
  reports(profileDependency, both('depends_on: [b], profiles: [p]', 'profiles: [p, q]'));
  reports(profileDependency, both('depends_on: [b], profiles: [p]', ''));
});

test('booleans of old', () => {
  reports(oldBoolean, service('tty: «yes»'), '"yes" for a boolean is not supported by YAML 1.2, please use `true`');
  reports(oldBoolean, service('tty: true, hostname: on'));
  fixes(oldBoolean, service('init: off'), service('init: false'));
});

test('devices', () => {
  const devices = (text: string): string => `services: {a: {devices: [${text}]}}\n`;
  reports(invalidDevice, devices('«"/dev/a:0:1:2"»'), 'confusing device mapping, please use long syntax: /dev/a:0:1:2');
  for (const valid of [
    '"/dev/a"',
    '"/dev/a:/dev/b:rwm"',
    '"v.example/gpu=all"',
    '"${A}:${B}:r:w"',
    '{source: "/a:b:c:d"}',
  ])
    reports(invalidDevice, devices(valid));
});
