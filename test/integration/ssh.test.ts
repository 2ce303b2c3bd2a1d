/** The SSH side of hosts against a real sshd: host keys, authentication, streams, uploads, cut connections. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';
import { resolveSshTarget, type SshConfigSources } from '../../client/src/hosts/ssh/config.ts';
import { fingerprint, knownHostsLine } from '../../client/src/hosts/ssh/known-hosts.ts';
import type { SshPrompts, UnknownHostKey } from '../../client/src/hosts/ssh/prompts.ts';
import { openSshSession, type SshSession } from '../../client/src/hosts/ssh/session.ts';
import { makeKey, startSshd, type TestSshd } from '../support/sshd.ts';

let sshd: TestSshd;
let home: string;

before(async () => {
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
});

interface Asked {
  readonly keys: UnknownHostKey[];
  readonly passphrases: string[];
  readonly passwords: string[];
}

/** A home directory with the given ~/.ssh/config for `box`, and everything that is asked meanwhile. */
function person(config: readonly string[], answers: Partial<SshPrompts> = {}, server: TestSshd = sshd) {
  home = mkdtempSync(path.join(server.folder, 'home-'));
  mkdirSync(path.join(home, '.ssh'));
  const sources: SshConfigSources = {
    userFile: path.join(home, '.ssh', 'config'),
    systemFile: path.join(home, 'none'),
    home,
    localUser: 'root',
    env: {},
  };
  const base = [`HostName 127.0.0.1`, `Port ${server.port}`, 'User root', 'GlobalKnownHostsFile /dev/null'];
  writeFileSync(sources.userFile, ['Host box', ...config, ...base].join('\n'));
  const asked: Asked = { keys: [], passphrases: [], passwords: [] };
  const prompts: SshPrompts = {
    trustHostKey: async (key) => {
      asked.keys.push(key);
      return true;
    },
    passphrase: async (file) => {
      asked.passphrases.push(file);
      return undefined;
    },
    password: async (who) => {
      asked.passwords.push(who);
      return undefined;
    },
    answer: async () => undefined,
    ...answers,
  };
  const resolve = (name: string) => resolveSshTarget(name, sources);
  const connect = (name = 'box', signal?: AbortSignal): Promise<SshSession> =>
    openSshSession(resolve(name), { prompts, resolve, log: () => undefined, ...(signal ? { signal } : {}) });
  return { connect, asked, knownHosts: path.join(home, '.ssh', 'known_hosts'), sources };
}

const withKey = (): string[] => [`IdentityFile ${sshd.keyFile}`];
const publicKey = (file: string): Buffer =>
  Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');

test('an unknown host key is asked about with its fingerprint, then known', async () => {
  const me = person(withKey());
  (await me.connect()).end();
  assert.equal(me.asked.keys.length, 1);
  assert.equal(me.asked.keys[0]?.host, `[127.0.0.1]:${sshd.port}`);
  assert.equal(me.asked.keys[0]?.fingerprint, fingerprint(publicKey(sshd.hostKeys.ed25519)));
  (await me.connect()).end();
  assert.equal(me.asked.keys.length, 1, 'asked again');
  const found = execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', me.knownHosts], {
    encoding: 'utf8',
  });
  assert.match(found, /ssh-ed25519/);
});

test('a host key that is not trusted: cancelled, and nothing is written', async () => {
  const me = person(withKey(), { trustHostKey: async () => false });
  await assert.rejects(me.connect(), { code: 'cancelled' });
  assert.throws(() => statSync(me.knownHosts));
});

test('a changed host key is refused: what was sent, where the old key is, what to do', async () => {
  const me = person(withKey());
  const other = publicKey(makeKey(path.join(home, 'other')));
  writeFileSync(me.knownHosts, `# first line\n${knownHostsLine(`[127.0.0.1]:${sshd.port}`, other, false)}\n`);
  await assert.rejects(me.connect(), (error: EngineError) => {
    assert.equal(error.code, 'forbidden');
    assert.ok(error.message.includes(`${me.knownHosts}:2`), error.message);
    assert.ok(error.message.includes(fingerprint(publicKey(sshd.hostKeys.ed25519))), error.message);
    assert.match(error.message, /ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f/);
    return true;
  });
  assert.deepEqual(me.asked.keys, []);
});

test('a host known by its ECDSA key only is asked for that key, not for a new one', async () => {
  const me = person(withKey());
  const line = knownHostsLine(`[127.0.0.1]:${sshd.port}`, publicKey(sshd.hostKeys.ecdsa), true);
  writeFileSync(me.knownHosts, `${line}\n`);
  (await me.connect()).end();
  assert.deepEqual(me.asked.keys, []);
});

test('StrictHostKeyChecking yes refuses, accept-new accepts, unasked', async () => {
  const strict = person([...withKey(), 'StrictHostKeyChecking yes']);
  await assert.rejects(strict.connect(), { code: 'forbidden', message: /not in known_hosts/ });
  const lenient = person([...withKey(), 'StrictHostKeyChecking accept-new']);
  (await lenient.connect()).end();
  assert.deepEqual([...strict.asked.keys, ...lenient.asked.keys], []);
});

test('a wrong key: what was tried and what the server accepts', async () => {
  const me = person([]);
  makeKey(path.join(home, '.ssh', 'id_ed25519'));
  await assert.rejects(me.connect(), (error: EngineError) => {
    assert.equal(error.code, 'unauthorized');
    assert.match(
      error.message,
      /root@127\.0\.0\.1 did not let you in\. Tried: public key \(.*id_ed25519\)\. The server accepts: publickey\./,
    );
    return true;
  });
});

test('a key file that is named but missing is part of the message', async () => {
  const me = person(['IdentityFile ~/.ssh/nowhere']);
  await assert.rejects(me.connect(), { code: 'unauthorized', message: /nowhere cannot be read \(ENOENT\)/ });
});

for (const type of ['ed25519', 'rsa', 'ecdsa'] as const) {
  test(`an encrypted ${type} key: the passphrase is asked, a wrong one again`, async () => {
    const answers = ['wrong', 'open sesame'];
    const me = person(['IdentityFile ~/.ssh/locked'], { passphrase: async () => answers.shift() });
    const key = makeKey(path.join(home, '.ssh', 'locked'), type, 'open sesame');
    authorize(sshd, key);
    (await me.connect()).end();
    assert.deepEqual(answers, []);
  });
}

test('an encrypted key that the server does not want is never asked to be opened', async () => {
  const me = person(['IdentityFile ~/.ssh/locked', ...withKey()]);
  makeKey(path.join(home, '.ssh', 'locked'), 'ed25519', 'secret');
  (await me.connect()).end();
  assert.deepEqual(me.asked.passphrases, []);
});

test('three wrong passphrases end it', async () => {
  let asked = 0;
  const me = person(['IdentityFile ~/.ssh/locked'], { passphrase: async () => `guess ${++asked}` });
  authorize(sshd, makeKey(path.join(home, '.ssh', 'locked'), 'ed25519', 'open sesame'));
  await assert.rejects(me.connect(), { code: 'unauthorized', message: /Wrong passphrase for .*locked/ });
  assert.equal(asked, 3);
});

test('an SSH agent holds the key; IdentitiesOnly leaves its other keys out', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-agent-'));
  const socket = path.join(folder, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  try {
    while (!exists(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
    execFileSync('ssh-add', ['-q', sshd.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const me = person([`IdentityAgent ${socket}`]);
    (await me.connect()).end();
    const only = person([`IdentityAgent ${socket}`, 'IdentitiesOnly yes', 'IdentityFile ~/.ssh/other']);
    makeKey(path.join(home, '.ssh', 'other'));
    await assert.rejects(only.connect(), { code: 'unauthorized' });
    const named = person([`IdentityAgent ${socket}`, 'IdentitiesOnly yes', 'IdentityFile ~/.ssh/mine']);
    writeFileSync(path.join(home, '.ssh', 'mine.pub'), readFileSync(`${sshd.keyFile}.pub`));
    (await named.connect()).end();
  } finally {
    agent.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a password, asked again when wrong; giving up is no failure', async () => {
  await using server = await startSshd({ config: ['PasswordAuthentication yes'] });
  const user = `slipway${randomBytes(3).toString('hex')}`;
  execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
  try {
    execFileSync('chpasswd', { input: `${user}:right horse\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    const answers = ['wrong', 'right horse'];
    const me = person([`User ${user}`], { password: async () => answers.shift() }, server);
    const session = await me.connect();
    assert.equal((await session.run('id -un')).stdout, `${user}\n`);
    session.end();
    assert.deepEqual(answers, []);
    const quitter = person([`User ${user}`], {}, server);
    await assert.rejects(quitter.connect(), { code: 'cancelled' });
    const guesser = person([`User ${user}`], { password: async () => 'no' }, server);
    await assert.rejects(guesser.connect(), { code: 'unauthorized', message: /Tried: password/ });
  } finally {
    execFileSync('userdel', [user]);
  }
});

test('unreachable: a closed port, an unknown name, a server that is no SSH server', async () => {
  const me = person(withKey());
  await assert.rejects(me.connect('root@127.0.0.1:1'), {
    code: 'unavailable',
    message: 'Cannot reach 127.0.0.1:1: connection refused. Is sshd running there, on this port?',
  });
  await assert.rejects(me.connect('no-such-host.invalid'), {
    code: 'unavailable',
    message: /no host of the name “no-such-host\.invalid”/,
  });
  await using other = await listen((socket) => socket.end('hello\r\n'));
  await assert.rejects(me.connect(`127.0.0.1:${other.port}`), { code: 'unavailable' });
});

test('connecting can be cancelled while the server is silent', async () => {
  const me = person(withKey());
  await using silent = await listen((socket) => socket.resume());
  await assert.rejects(me.connect(`127.0.0.1:${silent.port}`, AbortSignal.timeout(200)), { code: 'cancelled' });
});

test('a jump host and a proxy command lead to the same place', async () => {
  const jump = person([...withKey(), 'StrictHostKeyChecking accept-new']);
  const more = `Host far\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n IdentityFile ${sshd.keyFile}\n StrictHostKeyChecking accept-new\n`;
  writeFileSync(jump.sources.userFile, `${readFileSync(jump.sources.userFile, 'utf8')}\n${more} ProxyJump box\n`);
  const session = await jump.connect('far');
  assert.equal((await session.run('echo there')).stdout, 'there\n');
  session.end();
  const proxied = person([...withKey(), 'StrictHostKeyChecking accept-new', 'ProxyCommand socat - TCP:%h:%p']);
  const other = await proxied.connect();
  assert.equal((await other.run('echo through')).stdout, 'through\n');
  other.end();
});

test('commands: exit codes, both streams, input, quoting, and a script that would read its own rest', async () => {
  const session = await person(withKey()).connect();
  const result = await session.run(`echo "it's"; echo oops >&2; cat; exit 3`);
  assert.deepEqual(result, { code: 3, stdout: "it's\n", stderr: 'oops\n' });
  const input = await session.run('tr a-z A-Z', { input: Buffer.from('shout\n') });
  assert.deepEqual(input, { code: 0, stdout: 'SHOUT\n', stderr: '' });
  await assert.rejects(session.run('sleep 30', { signal: AbortSignal.timeout(100) }), { code: 'cancelled' });
  session.end();
});

test('what a login shell prints first is not taken for output', async () => {
  await using server = await startSshd({
    config: ['ForceCommand echo NOISE; echo NOISE >&2; eval "$SSH_ORIGINAL_COMMAND"'],
  });
  const session = await person([`IdentityFile ${server.keyFile}`], {}, server).connect();
  assert.deepEqual(await session.run('echo quiet'), { code: 0, stdout: 'quiet\n', stderr: '' });
  assert.deepEqual(await session.run('cat', { input: Buffer.from('x') }), { code: 0, stdout: 'x', stderr: '' });
  session.end();
});

test('a Unix socket of the host is reached through the connection, many times at once', async () => {
  const session = await person(withKey()).connect();
  const socketPath = path.join(home, 'echo.sock');
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(socketPath);
  await new Promise((resolve) => server.once('listening', resolve));
  const echo = async (size: number): Promise<void> => {
    const data = randomBytes(size);
    const stream = await session.dial(socketPath);
    const back = createHash('sha256');
    stream.on('data', (chunk: Buffer) => back.update(chunk));
    stream.end(data);
    await new Promise((resolve) => stream.once('end', resolve));
    assert.equal(back.digest('hex'), createHash('sha256').update(data).digest('hex'));
  };
  await Promise.all([echo(10), ...Array.from({ length: 20 }, () => echo(300_000)), echo(8_000_000)]);
  await assert.rejects(session.dial(path.join(home, 'none.sock')), {
    code: 'unavailable',
    message: /Nothing answers at .*none\.sock on box/,
  });
  server.close();
  session.end();
});

test('a cut upload goes on where it was cut', async () => {
  const me = person(withKey());
  const local = path.join(home, 'big');
  const remote = path.join(home, 'deep', "it's", 'big');
  writeFileSync(local, randomBytes(40_000_000));
  const first = await me.connect();
  let sent = 0;
  const cut = first.upload(local, remote, {
    progress: (bytes) => {
      sent = bytes;
      if (bytes > 10_000_000) sshd.dropConnections();
    },
  });
  await assert.rejects(cut, { code: 'unavailable' });
  assert.ok(sent < 40_000_000);
  const second = await me.connect();
  let start: number | undefined;
  await second.upload(local, remote, {
    progress: (bytes) => {
      if (bytes > 0) start ??= bytes;
    },
  });
  assert.ok((start ?? 0) > 5_000_000, `started again at ${start}`);
  assert.ok(readFileSync(local).equals(readFileSync(remote)));
  const calls: number[] = [];
  await second.upload(local, remote, { progress: (bytes) => calls.push(bytes) });
  assert.deepEqual(calls, [40_000_000], 'a file that is there is sent again');
  second.end();
});

test('a part that is not of the file is thrown away; a cancelled upload says so', async () => {
  const me = person(withKey());
  const local = path.join(home, 'file');
  writeFileSync(local, randomBytes(3_000_000));
  const hash = createHash('sha256').update(readFileSync(local)).digest('hex');
  const remote = path.join(home, 'sent');
  writeFileSync(`${remote}.${hash.slice(0, 12)}.part`, 'rubbish');
  const session = await me.connect();
  await session.upload(local, remote);
  assert.ok(readFileSync(local).equals(readFileSync(remote)));
  await assert.rejects(session.upload(local, path.join(home, 'again'), { signal: AbortSignal.abort() }), {
    code: 'cancelled',
  });
  session.end();
});

test('a full disk and a folder that cannot be made are said', async () => {
  const me = person(withKey());
  const small = path.join(home, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  const session = await me.connect();
  try {
    const local = path.join(home, 'file');
    writeFileSync(local, randomBytes(3_000_000));
    await assert.rejects(session.upload(local, path.join(small, 'file')), {
      code: 'unavailable',
      message: /Is its disk full/,
    });
    writeFileSync(path.join(home, 'plain'), '');
    await assert.rejects(session.upload(local, path.join(home, 'plain', 'x')), {
      code: 'unavailable',
      message: /cannot be written on box: mkdir/,
    });
  } finally {
    session.end();
    execFileSync('umount', ['-l', small]);
  }
});

test('a killed connection: listeners hear it once, what is under way fails clearly', async () => {
  const session = await person(withKey()).connect();
  const reasons: string[] = [];
  session.onClose((reason) => reasons.push(reason));
  const running = session.run('sleep 30');
  await new Promise((resolve) => setTimeout(resolve, 100));
  sshd.dropConnections();
  await assert.rejects(running, { code: 'unavailable', message: /connection to box was lost/ });
  await assert.rejects(session.run('true'), { code: 'unavailable' });
  await assert.rejects(session.dial('/nowhere'), { code: 'unavailable' });
  assert.equal(reasons.length, 1);
  assert.match(reasons[0] ?? '', /^The SSH connection to box was lost/);
});

test('a connection that we end is no loss', async () => {
  const session = await person(withKey()).connect();
  session.onClose(() => assert.fail('told of a loss'));
  session.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
});

test('a stream in the middle of a killed connection ends', async () => {
  const session = await person(withKey()).connect();
  const socketPath = path.join(home, 'quiet.sock');
  const server = createServer((socket) => socket.write('a')).listen(socketPath);
  await new Promise((resolve) => server.once('listening', resolve));
  const stream = await session.dial(socketPath);
  setTimeout(() => sshd.dropConnections(), 50);
  assert.equal(await text(stream).catch(() => 'a'), 'a');
  server.close();
});

function authorize(server: TestSshd, key: string): void {
  const file = path.join(server.folder, 'authorized_keys');
  writeFileSync(file, readFileSync(file, 'utf8') + readFileSync(`${key}.pub`, 'utf8'));
}

async function listen(onSocket: (socket: Socket) => void): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch {
    return false;
  }
}
