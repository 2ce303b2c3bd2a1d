import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import {
  configSource,
  conflictingLimits,
  containerNameWithScale,
  countAndDeviceIds,
  dockerfileAndInline,
  externalVolume,
  networkModeAndNetworks,
  secretSource,
} from './exclusive-settings.ts';

const { reports } = compose();
const service = (text: string): string => `services: {web: {${text}}}\n`;

test('two sources of one Dockerfile', () => {
  const message = 'service "web" declares mutually exclusive dockerfile and dockerfile_inline';
  reports(dockerfileAndInline, service('build: {dockerfile: a, «dockerfile_inline»: b}'), message);
  reports(dockerfileAndInline, service('build: {dockerfile: a}'));
});

test('network mode and networks', () => {
  const message = 'service web declares mutually exclusive `network_mode` and `networks`';
  reports(networkModeAndNetworks, service('network_mode: host, «networks»: [a]'), message);
  reports(networkModeAndNetworks, service('network_mode: host, networks: []'));
});

test('limits that differ', () => {
  const message = (key: string, path: string): string =>
    `services.web: can't set distinct values on '${key}' and '${path}'`;
  reports(conflictingLimits, service('scale: «2», deploy: {replicas: 3}'), message('scale', 'deploy.replicas'));
  reports(
    conflictingLimits,
    service('mem_limit: «1g», deploy: {resources: {limits: {memory: 512m}}}'),
    message('mem_limit', 'deploy.resources.limits.memory'),
  );
  reports(
    conflictingLimits,
    service('mem_limit: 1g, cpus: "1.0", deploy: {resources: {limits: {memory: 1024mb, cpus: 1}}}'),
  );
  reports(conflictingLimits, service('scale: $N, deploy: {replicas: 3}'));
  reports(
    conflictingLimits,
    service('pids_limit: «5», deploy: {resources: {limits: {memory: 1g}}}'),
    message('pids_limit', 'deploy.resources.limits.pids'),
  );
  reports(conflictingLimits, service('pids_limit: 5, scale: 2, deploy: {resources: {reservations: {memory: 1g}}}'));
  reports(
    conflictingLimits,
    service('pids_limit: 0, mem_limit: 0, deploy: {resources: {limits: {memory: 1g, pids: 9}}}'),
  );
});

test('a name for several containers', () => {
  const message = "services.web: can't set container_name and run 2 containers: names are unique";
  reports(containerNameWithScale, service('«container_name»: ab, deploy: {replicas: 2}'), message);
  reports(containerNameWithScale, service('container_name: ab, scale: 1'));
});

test('devices by number and by id', () => {
  const message = '"count" and "device_ids" attributes are exclusive';
  const devices = (text: string): string => service(`deploy: {resources: {reservations: {devices: [{${text}}]}}}`);
  reports(countAndDeviceIds, devices('count: 1, «device_ids»: ["0"]'), message);
  reports(countAndDeviceIds, devices('count: 1'));
});

test('volumes that exist already', () => {
  const message = (name: string): string => `volumes.v: conflicting parameters "external" and "${name}" specified`;
  const volume = (text: string): string => `volumes: {v: {${text}}}\n`;
  reports(
    externalVolume,
    volume('external: true, «driver»: local, «labels»: {}'),
    message('driver'),
    message('labels'),
  );
  reports(externalVolume, volume('external: {name: a}, «driver_opts»: {}'), message('driver_opts'));
  reports(
    externalVolume,
    volume('external: {name: a}, «name»: b'),
    'volumes.v: name and external.name conflict; only use name',
  );
  for (const valid of ['external: true, name: a, x-y: 1', 'external: false, driver: local', 'driver: local'])
    reports(externalVolume, volume(valid));
  reports(externalVolume, 'volumes: {v: , w: {external: "${E}", driver: d}}\n');
});

test('where secrets and configs come from', () => {
  reports(secretSource, 'secrets: {«s»: {}}\n', 'secrets.s: one of file|environment must be set');
  reports(
    secretSource,
    'secrets: {s: {file: a, «environment»: b}}\n',
    'secrets.s: file|environment attributes are mutually exclusive',
  );
  reports(secretSource, 'secrets: {s: {external: true}, t: {file: a}, u: {external: {name: x}}, v: {driver: d}}\n');
  reports(secretSource, 'secrets: {«s»: {external: false}}\n', 'secrets.s: one of file|environment must be set');
  reports(
    configSource,
    'configs: {c: {file: b, «content»: a}}\n',
    'configs.c: file|environment|content attributes are mutually exclusive',
  );
});
