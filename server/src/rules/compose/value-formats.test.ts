import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import type { ComposeRule } from '../compose-rule.ts';
import { VALUE_FORMATS } from './value-formats.ts';

const { reports } = compose();
const service = (text: string): string => `services: {a: {${text}}}\n`;

function rule(id: string): ComposeRule {
  const found = VALUE_FORMATS.find((one) => one.id === id);
  assert.ok(found);
  return found;
}

test('durations', () => {
  const path = 'services.a.healthcheck.interval';
  reports(
    rule('invalid-duration'),
    service('healthcheck: {interval: «"10"»}'),
    `${path}: missing unit in duration "10": write 10s`,
  );
  reports(
    rule('invalid-duration'),
    service('healthcheck: {interval: «1x»}'),
    `${path}: invalid duration "1x": write 30s or 1m30s`,
  );
  reports(
    rule('invalid-duration'),
    service('stop_grace_period: 1m30s, healthcheck: {timeout: $T, interval: 1d, retries: 3}'),
  );
});

test('sizes', () => {
  reports(
    rule('invalid-size'),
    service('mem_limit: «much»'),
    "services.a.mem_limit: invalid size 'much': write 512m or 1.5gb",
  );
  reports(rule('invalid-size'), service('mem_limit: 1.5gb, memswap_limit: "-1", shm_size: 64000'));
});

test('ports', () => {
  const bad = (text: string, why: string): void =>
    reports(rule('invalid-port'), service(`ports: [«"${text}"»]`), `invalid port '${text}': ${why}`);
  bad('a:b', "'b' is no port of a container");
  bad('99999:80', "'99999' is no port of the host");
  bad('80/foo', "unknown protocol 'foo'");
  bad('1-3:1-2', 'the ranges differ in size');
  bad('localhost:80:80', "'localhost' is no IP address");
  reports(
    rule('invalid-port'),
    service(
      'ports: [80, "80:80", "127.0.0.1::80", "[::1]:80:80/udp", "8000-8010:80", "1-2:3-4", "$P:80", "${A:-1}:80"]',
    ),
  );
});

test('pull policies and names', () => {
  const list = 'always, never, missing, build, daily, weekly, every_<n>d';
  reports(
    rule('invalid-pull-policy'),
    service('pull_policy: «now»'),
    `services.a.pull_policy must be one of ${list}, not 'now'`,
  );
  reports(rule('invalid-pull-policy'), service('pull_policy: every_2w3d'));
  const message =
    "services.a.container_name: 'x' is not a valid name: at least two letters, digits, '_', '.' and '-', a letter or digit first";
  reports(rule('invalid-container-name'), service('container_name: «x»'), message);
  reports(rule('invalid-container-name'), service('container_name: a_b.c-1'));
});

test('booleans and numbers in quotes', () => {
  reports(rule('invalid-boolean'), service('tty: «maybe»'), "services.a.tty must be true or false, not 'maybe'");
  reports(rule('invalid-boolean'), service('tty: "true", init: yes, privileged: $P, read_only: true'));
  reports(rule('invalid-number'), service('scale: «"two"»'), "services.a.scale must be a whole number, not 'two'");
  reports(rule('invalid-number'), service('cpus: «a»'), "services.a.cpus must be a number, not 'a'");
  const message = "services.a.gpus.count must be a whole number or all, not 'some'";
  reports(rule('invalid-number'), service('gpus: [{count: «some»}]'), message);
  reports(rule('invalid-number'), service('gpus: [{count: all}, {count: "2"}, {count: 1}]'));
  reports(rule('invalid-number'), service('scale: "2", cpus: "0.5", pids_limit: "-1", mem_swappiness: $M'));
  const whole = (path: string, text: string): string => `services.a.${path} must be a whole number, not '${text}'`;
  reports(rule('invalid-number'), service('pids_limit: «"1.5"»'), whole('pids_limit', '1.5'));
  reports(rule('invalid-number'), service('cpu_period: «1 s»'), whole('cpu_period', '1 s'));
  reports(rule('invalid-number'), service('deploy: {replicas: «"1e3"»}'), whole('deploy.replicas', '1e3'));
});

test('keys of the SSH agent', () => {
  const message = "services.a.build.ssh: invalid ssh key 'github': write default or id=path";
  reports(rule('invalid-ssh-key'), service('build: {ssh: [default, «github», "a=/b", $K]}'), message);
});
