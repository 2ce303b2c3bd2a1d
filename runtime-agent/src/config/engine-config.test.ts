import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_SOCKET, loadConfig } from './engine-config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-config-'));
after(() => rmSync(folder, { recursive: true }));

/** Loads with these flags, and a file when there is one. */
function load(args: readonly string[], file: string | object = '') {
  const name = path.join(folder, 'daemon.json');
  writeFileSync(name, typeof file === 'string' ? file : JSON.stringify(file, undefined, 2));
  return loadConfig(['--config-file', name, ...args]);
}

const refused = (file: string | object, message: string | RegExp, args: readonly string[] = []): void =>
  assert.throws(() => load(args, file), { code: 'invalid', message });

test('defaults are the system’s places', () => {
  const { config } = load([]);
  assert.deepEqual(config.hosts, [{ kind: 'unix', path: DEFAULT_SOCKET }]);
  assert.deepEqual([config.dataRoot, config.execRoot], ['/var/lib/slipway', '/run/slipway']);
  assert.deepEqual([config.liveRestore, config.containers.log.driver], [true, 'json-file']);
});

test('an engine with a data root of its own has an exec root of its own', () => {
  assert.equal(load(['--data-root', '/srv/x']).config.execRoot, '/srv/x/exec');
  assert.equal(load(['--data-root', '/srv/x', '--exec-root', '/run/x']).config.execRoot, '/run/x');
});

test('flags that may be given several times', () => {
  const { config } = load([
    '--registry-mirror',
    'http://127.0.0.1:5000/',
    '--insecure-registry',
    'a:1',
    '--insecure-registry',
    'b',
    '--label',
    'x=1',
    '--log-opt',
    'max-size=1m',
    '--default-ulimit',
    'nofile=5:6',
    '-D',
    '--live-restore=false',
    '--default-address-pool',
    'base=10.10.0.0/16,size=24',
    '--socket',
    '/tmp/x.sock',
  ]);
  assert.deepEqual(config.registryMirrors, ['http://127.0.0.1:5000']);
  assert.deepEqual(config.insecureRegistries, ['a:1', 'b']);
  assert.deepEqual(config.containers.log.options, { 'max-size': '1m' });
  assert.deepEqual(config.containers.ulimits, [{ Name: 'nofile', Soft: 5, Hard: 6 }]);
  assert.deepEqual(config.addressPools, [{ base: '10.10.0.0/16', size: 24 }]);
  assert.deepEqual([config.debug, config.liveRestore, config.labels], [true, false, ['x=1']]);
  assert.deepEqual(config.hosts, [{ kind: 'unix', path: '/tmp/x.sock' }]);
});

test('a file says the same with dockerd’s keys', () => {
  const { config, warnings } = load([], {
    debug: true,
    hosts: ['unix:///run/a.sock'],
    'log-driver': 'local',
    'log-opts': { 'max-file': '2' },
    'default-ulimits': { nofile: { Name: 'nofile', Hard: 6, Soft: 5 } },
    'default-address-pools': [{ base: '10.10.0.0/16', size: 24 }],
    'default-shm-size': '1g',
    runtimes: { crun: { path: '/usr/bin/crun' } },
    'default-runtime': 'crun',
    'metrics-addr': '127.0.0.1:9323',
    'shutdown-timeout': 3,
    features: { buildkit: true },
  });
  assert.deepEqual(config.containers.log, { driver: 'local', options: { 'max-file': '2' } });
  assert.deepEqual(config.metricsAddress, { host: '127.0.0.1', port: 9323 });
  assert.equal(config.containers.shmSize, 2 ** 30);
  assert.equal(config.runtimes[config.defaultRuntime]?.path, '/usr/bin/crun');
  assert.match(warnings.join(), /daemon\.json:\d+: features has no effect: there are no optional features$/);
});

test('what is wrong is told with file, line and key', () => {
  refused('{\n  "debug": true,\n}', /daemon\.json:3: not JSON: /);
  refused('{\n  // no\n  "debug": true\n}', /daemon\.json:2: not JSON: InvalidCommentToken/);
  refused('[]', /daemon\.json:1: expected an object/);
  refused({ debug: 1, dbeug: true }, /daemon\.json:2: debug: expected true or false\n.*:3: dbeug: .*mean "debug"\?/);
  refused({ 'storage-driver': 'zfs' }, /:2: storage-driver: dockerd's, but not supported by this engine/);
  refused({ 'log-driver': 'nope' }, /:2: log-driver: error looking up logging plugin nope/);
  refused({ 'log-opts': { x: 'y' } }, /:2: log-opts: unknown log opt 'x' for json-file log driver/);
  refused({ 'registry-mirrors': ['ftp://x'] }, /:2: registry-mirrors: ftp:\/\/x: not an http\(s\) URL/);
  refused({ 'default-ulimits': { nofile: { Soft: 2, Hard: 1 } } }, /default-ulimits: expected a Soft limit up to/);
  refused({ 'default-address-pools': [{ base: '10.0.0.0/8', size: 4 }] }, /expected a size from 8 to 32/);
  refused({ 'default-runtime': 'x' }, /specified default runtime 'x' does not exist/);
  refused({ 'default-ipc-mode': 'x' }, /default-ipc-mode: expected "private" or "shareable"/);
  refused({ labels: ['x'] }, /labels: bad attribute format: x/);
  refused({ 'metrics-addr': 'x' }, /metrics-addr: x is no ADDRESS:PORT/);
  assert.throws(() => loadConfig(['--config-file', '/nowhere/x.json']), { message: /no configuration file \/nowhere/ });
});

test('a setting comes from one place', () => {
  refused(
    { debug: false },
    /specified both as a flag and in the configuration file:\n.*:2: debug: \(from flag: true, from file: false\)/,
    ['--debug'],
  );
  refused('', /give one of them/, ['--socket', '/x', '--host', 'unix:///y']);
});

test('TCP without client certificates must be asked for in so many words', () => {
  refused('', /would give root on this machine/, ['--host', 'tcp://127.0.0.1:2375']);
  refused('', /would give root/, ['--host', 'tcp://:1', '--tls', '--tlscert', 'c', '--tlskey', 'k']);
  const open = load(['--host', 'tcp://127.0.0.1', '--allow-insecure-tcp']).config;
  assert.deepEqual(open.hosts, [{ kind: 'tcp', host: '127.0.0.1', port: 2375 }]);
  refused('', /tlsverify needs tlscacert/, ['--tlsverify', '--tlscert', 'c', '--tlskey', 'k']);
  const files = ['--tlscacert', 'a', '--tlscert', 'c', '--tlskey', 'k'];
  const safe = load(['--host', 'tcp://[::1]', '--tlsverify', ...files]).config;
  assert.deepEqual(safe.hosts, [{ kind: 'tcp', host: '::1', port: 2376 }]);
  assert.deepEqual(safe.tls, { verify: true, ca: 'a', cert: 'c', key: 'k' });
  refused('', /listen on unix/, ['--host', 'fd://']);
});

test('bad flags are refused with words that say what to do', () => {
  refused('', /--registry-mirror: ftp:\/\/x: not an http\(s\) URL/, ['--registry-mirror', 'ftp://x']);
  refused('', /--help/, ['--nonsense']);
  refused('', /--mtu: expected a whole number/, ['--mtu', 'x']);
});

test('proxies: configured ones count more than those of the environment', () => {
  const proxies = { 'http-proxy': 'http://user:pass@a:1', 'no-proxy': '.test' };
  const env = { HTTP_PROXY: 'http://env:1', https_proxy: 'env:2', NO_PROXY: 'other' };
  const file = path.join(folder, 'proxies.json');
  writeFileSync(file, JSON.stringify({ proxies }, undefined, 2));
  const { config } = loadConfig(['--config-file', file], env);
  assert.deepEqual(config.proxies, { http: 'http://user:pass@a:1', https: 'env:2', none: '.test' });
  assert.equal(load(['--https-proxy', 'http://flag:1']).config.proxies.https, 'http://flag:1');
  refused({ proxies }, /specified both as a flag and in the configuration file:\n.*:3: http-proxy/, [
    '--http-proxy',
    'x',
  ]);
  refused({ proxies: { 'http-proxy': 'socks5://a' } }, /daemon\.json:3: http-proxy: a proxy of socks5:\/\/ is not/);
  refused({ proxies: { bogus: '' } }, /:2: proxies: expected an object with http-proxy, https-proxy, no-proxy$/);
  refused({ proxies: 'x' }, /:2: proxies: expected an object/);
  refused({ 'http-proxy': 'x' }, /http-proxy: belongs into "proxies", as \{"proxies": \{"http-proxy": …\}\}$/);
});
