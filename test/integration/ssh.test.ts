/** The SSH side of hosts against a real sshd: host keys, ways to get there, commands, streams, lost connections. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { fingerprint, knownHostsLine } from '../../client/src/hosts/ssh/known-hosts.ts';
import { publicKey, sshPerson } from '../support/ssh-person.ts';
import { makeKey, startSshd, type TestSshd } from '../support/sshd.ts';

let sshd: TestSshd;
before(async () => {
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
});

test('an unknown host key is asked about with its fingerprint, then known', async () => {
  const me = sshPerson(sshd);
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
  const me = sshPerson(sshd, [`IdentityFile ${sshd.keyFile}`], { trustHostKey: async () => false });
  await assert.rejects(me.connect(), { code: 'cancelled' });
  assert.throws(() => statSync(me.knownHosts));
});

test('a changed host key is refused: what was sent, where the old key is, what to do', async () => {
  const me = sshPerson(sshd);
  const other = publicKey(makeKey(path.join(me.home, 'other')));
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
  const me = sshPerson(sshd);
  const line = knownHostsLine(`[127.0.0.1]:${sshd.port}`, publicKey(sshd.hostKeys.ecdsa), true);
  writeFileSync(me.knownHosts, `${line}\n`);
  (await me.connect()).end();
  assert.deepEqual(me.asked.keys, []);
});

test('StrictHostKeyChecking yes refuses, accept-new accepts, unasked', async () => {
  const strict = sshPerson(sshd, [`IdentityFile ${sshd.keyFile}`, 'StrictHostKeyChecking yes']);
  await assert.rejects(strict.connect(), { code: 'forbidden', message: /not in known_hosts/ });
  const lenient = sshPerson(sshd, [`IdentityFile ${sshd.keyFile}`, 'StrictHostKeyChecking accept-new']);
  (await lenient.connect()).end();
  assert.deepEqual([...strict.asked.keys, ...lenient.asked.keys], []);
});

test('unreachable: a closed port, an unknown name, a server that is no SSH server', async () => {
  const me = sshPerson(sshd);
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
  const me = sshPerson(sshd);
  await using silent = await listen((socket) => socket.resume());
  await assert.rejects(me.connect(`127.0.0.1:${silent.port}`, AbortSignal.timeout(200)), { code: 'cancelled' });
});

test('a server that takes the connection and says nothing is given up after ConnectTimeout', async () => {
  await using silent = await listen((socket) => socket.resume());
  const me = sshPerson(sshd, [`Port ${silent.port}`, 'ConnectTimeout 1', `IdentityFile ${sshd.keyFile}`]);
  await assert.rejects(me.connect(), { code: 'unavailable', message: /no answer for 1 s\. .*does not speak SSH/ });
});

test('a jump host and a proxy command lead to the same place', async () => {
  const jump = sshPerson(sshd, [`IdentityFile ${sshd.keyFile}`, 'StrictHostKeyChecking accept-new']);
  const more = `Host far\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n IdentityFile ${sshd.keyFile}\n StrictHostKeyChecking accept-new\n`;
  writeFileSync(jump.sources.userFile, `${readFileSync(jump.sources.userFile, 'utf8')}\n${more} ProxyJump box\n`);
  const session = await jump.connect('far');
  assert.equal((await session.run('echo there')).stdout, 'there\n');
  session.end();
  const pipe = path.join(sshd.folder, 'pipe.cjs');
  const program =
    "const s = require('net').connect(process.argv[3], process.argv[2]); process.stdin.pipe(s).pipe(process.stdout);";
  writeFileSync(pipe, program);
  const proxied = sshPerson(sshd, [
    `IdentityFile ${sshd.keyFile}`,
    'StrictHostKeyChecking accept-new',
    `ProxyCommand ${process.execPath} ${pipe} %h %p`,
  ]);
  const other = await proxied.connect();
  assert.equal((await other.run('echo through')).stdout, 'through\n');
  other.end();
});

test('commands: exit codes, both streams, input, quoting, and a script that would read its own rest', async () => {
  const session = await sshPerson(sshd).connect();
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
  const session = await sshPerson(server, [`IdentityFile ${server.keyFile}`], {}).connect();
  assert.deepEqual(await session.run('echo quiet'), { code: 0, stdout: 'quiet\n', stderr: '' });
  assert.deepEqual(await session.run('cat', { input: Buffer.from('x') }), { code: 0, stdout: 'x', stderr: '' });
  session.end();
});

test('a Unix socket of the host is reached through the connection, many times at once', async () => {
  const me = sshPerson(sshd);
  const session = await me.connect();
  const socketPath = path.join(me.home, 'echo.sock');
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
  await assert.rejects(session.dial(path.join(me.home, 'none.sock')), {
    code: 'unavailable',
    message: /Nothing answers at .*none\.sock on box/,
  });
  server.close();
  session.end();
});

test('a killed connection: listeners hear it once, what is under way fails clearly', async () => {
  const session = await sshPerson(sshd).connect();
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
  const session = await sshPerson(sshd).connect();
  session.onClose(() => assert.fail('told of a loss'));
  session.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
});

test('a stream in the middle of a killed connection ends', async () => {
  const me = sshPerson(sshd);
  const session = await me.connect();
  const socketPath = path.join(me.home, 'quiet.sock');
  const server = createServer((socket) => socket.write('a')).listen(socketPath);
  await new Promise((resolve) => server.once('listening', resolve));
  const stream = await session.dial(socketPath);
  setTimeout(() => sshd.dropConnections(), 50);
  assert.equal(await text(stream).catch(() => 'a'), 'a');
  server.close();
});

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
