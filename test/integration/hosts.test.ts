/** From a bare SSH host to a running engine: agent sent, started once, replaced, found again, lost and got back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { HOST_TOOLS, installCommand } from '#model/host/tools.ts';
import { type ConnectDeps, connectHost } from '../../client/src/hosts/connect.ts';
import { nativeModuleFor } from '../../client/src/hosts/deploy/agent-files.ts';
import type { HostLack } from '../../client/src/hosts/deploy/requirements.ts';
import { hostList } from '../../client/src/hosts/host-list.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';

/** An engine of two calls: what is tested here is how an engine gets to a host, not what it does there. */
const SMALL_AGENT = `
import { createServer } from 'node:http';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
const native = process.argv.indexOf('--needs');
if (native > 0) createRequire(import.meta.url)(process.argv[native + 1]);
const socket = process.argv[process.argv.indexOf('--socket') + 1];
if (process.argv.includes('--broken')) { console.error('slipway: the disk is full'); process.exit(1); }
rmSync(socket, { force: true });
const server = createServer((request, response) => {
  if (request.url === '/_ping') response.end('OK');
  else if (request.url === '/version') response.end(JSON.stringify({ Version: VERSION, pid: process.pid }));
  else if (request.url.startsWith('/events')) response.flushHeaders();
});
server.listen(socket, () => console.log('listening on ' + socket));
process.on('SIGTERM', () => { server.closeAllConnections(); server.close(() => process.exit(0)); });
`;

let sshd: TestSshd;
let folder: string;
before(async () => {
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-hosts-'));
  mkdirSync(path.join(folder, '.ssh'));
  // The machine's own Node may be too old.
  mkdirSync(path.join(home(), 'node', 'bin'), { recursive: true });
  symlinkSync(process.execPath, path.join(home(), 'node', 'bin', 'node'));
  const lines = [
    'HostName 127.0.0.1',
    `Port ${sshd.port}`,
    'User root',
    `IdentityFile ${sshd.keyFile}`,
    'StrictHostKeyChecking accept-new',
  ];
  writeFileSync(path.join(folder, '.ssh', 'config'), ['Host box', ...lines].join('\n '));
});
afterEach(() => {
  const pid = enginePid();
  if (pid !== undefined && isAgent(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const home = (): string => path.join(folder, 'slipway home');
const socket = (): string => path.join(folder, 'engine.sock');

function enginePid(): number | undefined {
  const record = path.join(home(), 'engine', 'record');
  return existsSync(record) ? Number(readFileSync(record, 'utf8').split('\n')[0]) : undefined;
}

function isAgent(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('agent.mjs');
  } catch {
    return false;
  }
}

/** Of this machine, as glibc is what Node itself needs here. */
const NATIVE = nativeModuleFor({ arch: process.arch, musl: false });

/** @param native the one native module that it brings */
function agent(version: string, native = NATIVE): string {
  const target = path.join(folder, `agent-${version}`);
  for (const name of [native, 'node-unix-socket']) {
    mkdirSync(path.join(target, 'node_modules', name), { recursive: true });
    writeFileSync(path.join(target, 'node_modules', name, 'package.json'), '{ "version": "0.2.7" }');
  }
  writeFileSync(path.join(target, 'agent.mjs'), SMALL_AGENT.replace('VERSION', JSON.stringify(version)));
  writeFileSync(path.join(target, 'agent.mjs.map'), '{}');
  return target;
}

function deps(
  agentFolder: string,
  more: { readonly serveArgs?: string[]; readonly onLack?: ConnectDeps['onLack'] } = {},
) {
  const said: string[] = [];
  const own: ConnectDeps = {
    agentFolder,
    settings: () => ({
      localSocket: socket(),
      remoteSocket: socket(),
      dataRoot: '',
      registryMirrors: [],
      insecureRegistries: [],
    }),
    prompts: {
      trustHostKey: async () => false,
      passphrase: async () => undefined,
      password: async () => undefined,
      answer: async () => undefined,
    },
    onLack: more.onLack ?? (async () => false),
    log: (line) => said.push(line),
    places: { home: home(), socket: socket(), serveArgs: more.serveArgs ?? [] },
    sshSources: {
      userFile: path.join(folder, '.ssh', 'config'),
      systemFile: path.join(folder, 'none'),
      home: folder,
      localUser: 'root',
      env: {},
    },
  };
  return { own, said };
}

const quiet = { report: () => undefined };
const box = { kind: 'ssh', name: 'box' } as const;

interface Version {
  readonly Version: string;
  readonly pid: number;
}

test('the agent is sent, started detached, and reached through the connection', async () => {
  const { own, said } = deps(agent('1'));
  await using connection = await connectHost(box, own, quiet);
  const version = await connection.call<Version>('GET', '/version');
  assert.equal(version.Version, '1');
  assert.equal(version.pid, enginePid());
  assert.equal(
    Number(readFileSync(`/proc/${version.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]),
    version.pid,
    'own session',
  );
  const [sent = ''] = readdirSync(path.join(home(), 'agent'));
  assert.deepEqual(readdirSync(path.join(home(), 'agent', sent)).sort(), ['agent.mjs', 'node_modules']);
  assert.match(said.join('\n'), /engine started/);
  assert.equal((await connection.run('echo on the host')).stdout, 'on the host\n');
});

test('the second connection finds the engine running, also at the same time', async () => {
  const { own, said } = deps(agent('1'));
  const connections = await Promise.all([1, 2, 3].map(() => connectHost(box, own, quiet)));
  const pids = await Promise.all(connections.map(async (each) => (await each.call<Version>('GET', '/version')).pid));
  assert.equal(new Set(pids).size, 1);
  assert.equal(said.filter((line) => line.includes('engine started')).length, 1);
  for (const each of connections) await each[Symbol.asyncDispose]();
  assert.ok(isAgent(pids[0] ?? 0), 'the engine outlives the connection');
});

test('another version replaces a running one; the old files go when there are many', async () => {
  let last = 0;
  for (const name of ['1', '2', '3', '4']) {
    const { own, said } = deps(agent(name));
    const connection = await connectHost(box, own, quiet);
    const version = await connection.call<Version>('GET', '/version');
    assert.equal(version.Version, name);
    assert.match(said.join(), name === '1' ? /engine started/ : /engine replaced/);
    if (last !== 0) assert.ok(!isAgent(last), 'the old one is gone');
    last = version.pid;
    await connection[Symbol.asyncDispose]();
  }
  assert.equal(readdirSync(path.join(home(), 'agent')).length, 3);
});

test('an engine that does not start: its last words', async () => {
  const { own } = deps(agent('1'), { serveArgs: ['--broken'] });
  await assert.rejects(connectHost(box, own, quiet), {
    code: 'unavailable',
    message: 'The engine did not start on box: slipway: the disk is full',
  });
});

test('an engine that somebody else started on the socket is used as it is', async () => {
  const { own } = deps(agent('1'));
  const first = await connectHost({ kind: 'local' }, own, quiet);
  const pid = enginePid() ?? 0;
  rmSync(path.join(home(), 'engine', 'record'));
  const { own: newer, said } = deps(agent('2'));
  const second = await connectHost(box, newer, quiet);
  assert.equal((await second.call<Version>('GET', '/version')).Version, '1');
  assert.match(said.join(), /engine foreign/);
  await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
  process.kill(pid, 'SIGKILL');
});

test('what the host lacks is asked about once with the command, then is the error', async () => {
  const lacks: HostLack[] = [];
  const bare = bareHost();
  try {
    await using server = await startSshd({
      config: [`ForceCommand chroot ${bare} /bin/sh -c "$SSH_ORIGINAL_COMMAND"`],
    });
    const config = path.join(folder, '.ssh', 'config');
    writeFileSync(
      config,
      readFileSync(config, 'utf8')
        .replace(/Port \d+/, `Port ${server.port}`)
        .replace(/IdentityFile .*/, `IdentityFile ${server.keyFile}`),
    );
    const { own } = deps(agent('1'), {
      onLack: async (_label, lack) => {
        lacks.push(lack);
        return false;
      },
    });
    await assert.rejects(connectHost(box, own, quiet), (error: EngineError) => {
      assert.equal(error.code, 'unavailable');
      assert.match(
        error.message,
        /^box cannot run containers yet\. runc is missing: it runs containers\. conmon is missing/,
      );
      assert.match(error.message, /Node\.js 24 or newer is missing/);
      assert.ok(
        error.message.includes(`Install it there with: apt-get update && ${installCommand(HOST_TOOLS, 'debian')} && `),
      );
      return true;
    });
    assert.equal(lacks.length, 1);
  } finally {
    execFileSync('umount', ['-l', path.join(bare, 'proc')]);
    rmSync(bare, { recursive: true, force: true });
  }
});

test('a host of another kind than the extension was packaged for fetches the native module itself', async () => {
  const lacks: HostLack[] = [];
  const { own } = deps(agent('1', 'node-unix-socket-linux-riscv64-gnu'), {
    serveArgs: ['--needs', NATIVE],
    onLack: async (_label, lack) => lacks.push(lack) > 0,
  });
  await using connection = await connectHost(box, own, quiet);
  assert.equal((await connection.call<Version>('GET', '/version')).Version, '1');
  assert.deepEqual(
    lacks.map(({ lines }) => lines),
    [[`${NATIVE} is missing: the engine reads and writes containers' streams with it.`]],
  );
  const [sent = ''] = readdirSync(path.join(home(), 'agent'));
  assert.deepEqual(readdirSync(path.join(home(), 'agent', sent, 'node_modules')), ['node-unix-socket']);
  await using again = await connectHost(box, own, quiet);
  assert.equal((await again.call<Version>('GET', '/version')).pid, enginePid());
  assert.equal(lacks.length, 1, 'asked once');
});

/** A root with a shell and a handful of programs, calling itself Debian. */
function bareHost(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-bare-'));
  for (const name of ['bin', 'dev', 'etc', 'proc', 'root']) mkdirSync(path.join(root, name));
  execFileSync('mknod', ['-m', '666', path.join(root, 'dev', 'null'), 'c', '1', '3']);
  writeFileSync(path.join(root, 'etc', 'os-release'), 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n');
  const programs = [
    '/bin/sh',
    '/usr/bin/uname',
    '/usr/bin/id',
    '/usr/bin/grep',
    '/usr/bin/tr',
    '/usr/bin/cat',
    '/usr/bin/base64',
  ];
  for (const program of programs) {
    copyFileSync(program, path.join(root, 'bin', path.basename(program)));
    for (const [library] of execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/\/\S+/g)) {
      mkdirSync(path.join(root, path.dirname(library)), { recursive: true });
      copyFileSync(library, path.join(root, library));
    }
  }
  execFileSync('mount', ['-t', 'proc', 'proc', path.join(root, 'proc')]);
  return root;
}

test('a user who may use sudo: the engine runs as root, its socket is opened to the user', async (context) => {
  if (!existsSync('/usr/bin/sudo')) return context.skip('sudo is not installed');
  const user = `slipway${randomBytes(3).toString('hex')}`;
  const rule = `/etc/sudoers.d/${user}`;
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', '--password', '*', user]);
  try {
    for (const place of [folder, home()]) chmodSync(place, 0o777);
    // Not a link: the checkout may be in a folder that is closed to others.
    const node = path.join(home(), 'node', 'bin', 'node');
    rmSync(node);
    copyFileSync(process.execPath, node);
    chmodSync(sshd.folder, 0o755);
    chmodSync(path.join(sshd.folder, 'authorized_keys'), 0o644);
    const config = path.join(folder, '.ssh', 'config');
    writeFileSync(config, readFileSync(config, 'utf8').replace('User root', `User ${user}`));
    await assert.rejects(connectHost(box, deps(agent('1')).own, quiet), {
      code: 'unavailable',
      message: /^box cannot run containers yet\. The engine needs root: connect as root, or allow your user sudo/,
    });
    writeFileSync(rule, `${user} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    const connection = await connectHost(box, deps(agent('1')).own, quiet);
    const { pid } = await connection.call<Version>('GET', '/version');
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t0\t0/m);
    await connection[Symbol.asyncDispose]();
    const again = await connectHost(box, deps(agent('2')).own, quiet);
    assert.equal((await again.call<Version>('GET', '/version')).Version, '2');
    assert.ok(!isAgent(pid), 'the old engine is gone, although it was of root');
    await again[Symbol.asyncDispose]();
  } finally {
    rmSync(rule, { force: true });
    execFileSync('userdel', ['--force', '--remove', user], { stdio: 'ignore' });
  }
});

test('this machine: the agent is started where it lies, and found by the next', async () => {
  const { own, said } = deps(agent('1'));
  const first = await connectHost({ kind: 'local' }, own, quiet);
  const second = await connectHost({ kind: 'local' }, own, quiet);
  assert.equal(first.kind, 'local');
  assert.deepEqual(await first.call('GET', '/version'), await second.call('GET', '/version'));
  assert.ok(!existsSync(path.join(home(), 'agent')));
  assert.match(said[0] ?? '', /engine started/);
  assert.match(said[1] ?? '', /engine running/);
  await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
});

test('no engine at a given socket: the message names it', async () => {
  const { own } = deps(agent('1'));
  const none = path.join(folder, 'none.sock');
  await assert.rejects(connectHost({ kind: 'socket', path: none }, own, quiet), {
    code: 'unavailable',
    message: /none\.sock: there is no such socket/,
  });
});

test('a killed SSH connection is said once and got back', async () => {
  const { own } = deps(agent('1'));
  const lost: string[] = [];
  await using hosts = hostList({
    connect: (host, options) => connectHost(host, own, options),
    saved: [box],
    save: async () => undefined,
    log: () => undefined,
    onLost: (label, reason) => lost.push(`${label}: ${reason}`),
    backOff: [50],
  });
  const before_ = await hosts.connect('ssh:box');
  const { pid } = await before_.call<Version>('GET', '/version');
  sshd.dropConnections();
  await until(() => hosts.get('ssh:box')?.state.kind === 'lost');
  await until(() => hosts.get('ssh:box')?.state.kind === 'connected');
  assert.equal(lost.length, 1);
  assert.match(lost[0] ?? '', /^box: The SSH connection to box was lost/);
  assert.equal((await hosts.connection('ssh:box')?.call<Version>('GET', '/version'))?.pid, pid);
});

test('a killed engine is noticed through the connection and started again', async () => {
  const { own } = deps(agent('1'));
  const lost: string[] = [];
  await using hosts = hostList({
    connect: (host, options) => connectHost(host, own, options),
    saved: [box],
    save: async () => undefined,
    log: () => undefined,
    onLost: (_label, reason) => lost.push(reason),
    backOff: [50],
  });
  await hosts.connect('ssh:box');
  const pid = enginePid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await until(() => hosts.get('ssh:box')?.state.kind === 'lost');
  await until(() => hosts.get('ssh:box')?.state.kind === 'connected');
  assert.notEqual(enginePid(), pid);
  assert.match(lost.join(), /The engine on box stopped answering/);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), condition.toString());
}
