/** Attach, exec and logs: whole, in order, however the client behaves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  collect,
  collectRaw,
  create,
  exec,
  inspect,
  logsOf,
  openStream,
  pullImage,
  remove,
  start,
  until,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
});
after(async () => {
  await engine[Symbol.asyncDispose]();
});

const ATTACH = 'attach?stream=1&stdin=1&stdout=1&stderr=1';
const STDIN = { OpenStdin: true, StdinOnce: true, AttachStdin: true };
const attach = (id: string, upgrade = true) => openStream(engine, 'POST', `/containers/${id}/${ATTACH}`, { upgrade });
const MEBI = 1024 * 1024;

describe('attach', () => {
  for (const upgrade of [true, false]) {
    test(`both streams and stdin with half-close, ${upgrade ? 'with' : 'without'} Upgrade`, async () => {
      const command = ['sh', '-c', 'echo begin >&2; cat; echo "end $?"'];
      const id = await create(engine, { command, config: STDIN });
      const opened = await attach(id, upgrade);
      assert.equal(opened.status, upgrade ? 101 : 200);
      await ask(engine, 'POST', `/containers/${id}/start`);
      opened.socket.end('one\ntwo\n');
      assert.deepEqual(await collect(opened), { stdout: 'one\ntwo\nend 0\n', stderr: 'begin\n' });
      await remove(engine, id);
    });
  }

  test('input of any size arrives whole', async () => {
    const bytes = Buffer.alloc(5 * MEBI, 'slipway ');
    const id = await create(engine, { command: ['sha256sum'], config: STDIN });
    const opened = await attach(id);
    await ask(engine, 'POST', `/containers/${id}/start`);
    opened.socket.end(bytes);
    const { stdout } = await collect(opened);
    assert.equal(stdout.split(' ')[0], createHash('sha256').update(bytes).digest('hex'));
    await remove(engine, id);
  });

  test('several clients see the same; one that comes late sees what is to come, or all with logs=1', async () => {
    const id = await start(engine, {
      command: ['sh', '-c', 'echo old; read x; echo new'],
      config: { OpenStdin: true },
    });
    await until('output', async () => (await logsOf(engine, id)).stdout === 'old\n');
    const late = collect(await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdout=1`));
    const all = collect(await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdout=1&logs=1`));
    const feeder = await attach(id);
    feeder.socket.write('go\n');
    assert.equal((await late).stdout, 'new\n');
    assert.equal((await all).stdout, 'old\nnew\n');
    assert.equal((await collect(feeder)).stdout, 'new\n');
    await remove(engine, id);
  });

  test('stdin outlives a client unless the container asked for once', async () => {
    const command = ['sh', '-c', 'while read x; do echo "<$x>"; done; echo closed'];
    const id = await start(engine, { command, config: { OpenStdin: true } });
    for (const word of ['a', 'b']) {
      const opened = await attach(id);
      opened.socket.write(`${word}\n`);
      await until('the echo', async () => (await logsOf(engine, id)).stdout.includes(`<${word}>`));
      opened.socket.destroy();
    }
    assert.equal((await inspect(engine, id)).State?.Running, true);
    await remove(engine, id);
  });

  test('a terminal: raw bytes, its size, and leaving by keys', async () => {
    const id = await create(engine, {
      command: ['sh'],
      config: { Tty: true, OpenStdin: true },
      host: { ConsoleSize: [33, 77] },
    });
    const opened = await attach(id);
    await ask(engine, 'POST', `/containers/${id}/start`);
    opened.socket.write('stty size\n');
    await until('the size', async () => (await collectLogs(id)).includes('33 77'));
    await ask(engine, 'POST', `/containers/${id}/resize?h=40&w=120`);
    opened.socket.write('stty size\n');
    await until('the new size', async () => (await collectLogs(id)).includes('40 120'));
    opened.socket.write('\x10\x11');
    assert.match(await collectRaw(opened), /33 77\r\n[\s\S]*40 120\r\n/);
    assert.equal((await inspect(engine, id)).State?.Running, true, 'leaving does not end it');
    await remove(engine, id);
  });

  test('a client that reads nothing holds nobody up, and is given up when it leaves', async () => {
    const command = ['sh', '-c', 'head -c 30000000 /dev/zero; echo done >&2'];
    const id = await create(engine, { command });
    const slow = await attach(id);
    await ask(engine, 'POST', `/containers/${id}/start`);
    assert.equal(await waitFor(engine, id), 0);
    slow.socket.destroy();
    assert.equal((await logsOf(engine, id)).stderr, 'done\n');
    await remove(engine, id);
  });

  test('output is whole for a container that removes itself, with and without a log', async () => {
    for (const Type of ['json-file', 'none']) {
      const host = { AutoRemove: true, LogConfig: { Type } };
      const id = await create(engine, { command: ['seq', '1', '60000'], host });
      const opened = await attach(id);
      await ask(engine, 'POST', `/containers/${id}/start`);
      const lines = (await collect(opened)).stdout.trimEnd().split('\n');
      assert.deepEqual([lines.length, lines[0], lines.at(-1)], [60_000, '1', '60000'], Type);
    }
  });
});

/** Of a container with a terminal. */
async function collectLogs(id: string): Promise<string> {
  return await collectRaw(await openStream(engine, 'GET', `/containers/${id}/logs?stdout=1&stderr=1`));
}

describe('logs', () => {
  test('tail, since, until, time stamps, one stream', async () => {
    const command = ['sh', '-c', 'echo a; echo b; echo e >&2; sleep 1.1; printf "no newline"'];
    const id = await start(engine, { command });
    await waitFor(engine, id);
    assert.deepEqual(await logsOf(engine, id), { stdout: 'a\nb\nno newline', stderr: 'e\n' });
    assert.deepEqual(await logsOf(engine, id, '&tail=1'), { stdout: 'no newline', stderr: '' });
    assert.deepEqual(await logsOf(engine, id, '&tail=2'), { stdout: 'no newline', stderr: 'e\n' });
    assert.deepEqual(await logsOf(engine, id, '', 'stdout=1'), { stdout: 'a\nb\nno newline', stderr: '' });
    const { stdout } = await logsOf(engine, id, '&timestamps=1');
    assert.match(stdout, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z a\n\S+Z b\n\S+Z no newline$/);
    const last = Date.parse(stdout.split('\n')[2]?.split(' ')[0] ?? '') / 1000;
    assert.equal((await logsOf(engine, id, `&since=${last - 0.5}`)).stdout, 'no newline');
    assert.equal((await logsOf(engine, id, `&until=${last - 0.5}`)).stdout, 'a\nb\n');
    await remove(engine, id);
  });

  test('following from the beginning and from now, until the end', async () => {
    const id = await start(engine, { command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.3; done'] });
    const all = logsOf(engine, id, '&follow=1');
    await until('the first line', async () => (await logsOf(engine, id)).stdout !== '');
    const rest = (await logsOf(engine, id, '&follow=1&tail=0')).stdout;
    assert.equal((await all).stdout, '1\n2\n3\n');
    assert.match(rest, /^(2\n)?3\n$/);
    assert.equal((await logsOf(engine, id, '&follow=1')).stdout, '1\n2\n3\n', 'of an ended container: at once');
    await remove(engine, id);
  });

  test('following while the log is rotated loses nothing', async () => {
    const host = { LogConfig: { Type: 'json-file', Config: { 'max-size': '50k', 'max-file': '3' } } };
    const command = [
      'sh',
      '-c',
      'i=0; while [ $i -lt 6000 ]; do echo "line $i"; i=$((i+1)); [ $((i % 500)) = 0 ] && sleep 0.4; done',
    ];
    const id = await create(engine, { command, host });
    const opened = await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdout=1`);
    await ask(engine, 'POST', `/containers/${id}/start`);
    const { stdout } = await collect(opened);
    // Not assert.equal: a difference would print all of it.
    assert.ok(stdout === Array.from({ length: 6000 }, (_, i) => `line ${i}\n`).join(''), 'every line, once, in order');
    await sleep(100);
    const kept = (await logsOf(engine, id)).stdout;
    assert.ok(kept.length < stdout.length / 1.5, 'what is kept is bounded');
    assert.ok(stdout.endsWith(kept), 'and is the newest');
    await remove(engine, id);
  });
});

describe('exec', () => {
  test('streams, exit codes, environment, user, directory, stdin', async () => {
    const id = await start(engine, { config: { Env: ['A=container'] } });
    assert.deepEqual(await exec(engine, id, ['sh', '-c', 'echo out; echo err >&2; exit 11']), {
      code: 11,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    for (const User of ['0', '1000']) {
      // By name, as scripts do it: they are pipes.
      const names = ['sh', '-c', 'echo out >/dev/stdout; echo err | tee /dev/stderr'];
      const printed = { code: 0, stdout: 'out\nerr\n', stderr: 'err\n' };
      assert.deepEqual(await exec(engine, id, names, { User }), printed);
    }
    const script = 'echo $A $B $HOME; pwd; id -u';
    const { stdout } = await exec(engine, id, ['sh', '-c', script], {
      Env: ['B=exec'],
      User: '1000',
      WorkingDir: '/tmp',
    });
    assert.equal(stdout, 'container exec /\n/tmp\n1000\n');
    const { Id } = (
      await ask(engine, 'POST', `/containers/${id}/exec`, { AttachStdin: true, AttachStdout: true, Cmd: ['cat'] })
    ).json<{ Id: string }>();
    const opened = await openStream(engine, 'POST', `/exec/${Id}/start`, { body: {} });
    opened.socket.end('through');
    assert.equal((await collect(opened)).stdout, 'through');
    await remove(engine, id);
  });

  test('its streams may be opened again by name, and written to by any user', async () => {
    const id = await start(engine);
    const script = 'cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr; echo end | tee /dev/stderr';
    const request = {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      User: '1000',
      Cmd: ['sh', '-c', script],
    };
    // More than two in a row: the runtimes of later ones are started in advance.
    for (let i = 0; i < 4; i++) {
      const { Id } = (await ask(engine, 'POST', `/containers/${id}/exec`, request)).json<{ Id: string }>();
      const opened = await openStream(engine, 'POST', `/exec/${Id}/start`, { body: {} });
      opened.socket.end('in\n');
      assert.deepEqual(await collect(opened), { stdout: 'in\nout\nend\n', stderr: 'err\nend\n' });
    }
    await remove(engine, id);
  });

  test('input that nobody reads ends with the command', async () => {
    const id = await start(engine);
    const request = { AttachStdin: true, AttachStdout: true, Cmd: ['sh', '-c', 'head -c 3'] };
    const { Id } = (await ask(engine, 'POST', `/containers/${id}/exec`, request)).json<{ Id: string }>();
    const opened = await openStream(engine, 'POST', `/exec/${Id}/start`, { body: {} });
    opened.socket.on('error', () => {}).write(Buffer.alloc(2 * MEBI, 'x'));
    assert.equal((await collect(opened)).stdout, 'xxx');
    opened.socket.destroy();
    await remove(engine, id);
  });

  test('what a command leaves running holds nobody up, and lives on', async () => {
    const id = await start(engine);
    const left = 'i=0; while [ $i -lt 60 ]; do echo tick; echo $i >/tmp/left; i=$((i+1)); sleep 0.1; done';
    const started = Date.now();
    const ran = await exec(engine, id, ['sh', '-c', `echo begun; (${left}) & exit 3`]);
    assert.ok(Date.now() - started < 5500, 'the client waited for the process in the background');
    assert.equal(ran.code, 3);
    assert.match(ran.stdout, /^begun\n/);
    await until('it ran to its end', async () => (await exec(engine, id, ['cat', '/tmp/left'])).stdout === '59\n');
  });

  test('commands that cannot be run: the reason as output, 127 and 126', async () => {
    const id = await start(engine);
    const missing = await exec(engine, id, ['no-such']);
    assert.equal(missing.code, 127);
    assert.match(
      missing.stdout,
      /^OCI runtime exec failed: exec failed: unable to start container process: exec: "no-such"/,
    );
    assert.equal((await exec(engine, id, ['/etc'])).code, 126);
    const { Id } = (await ask(engine, 'POST', `/containers/${id}/exec`, { Cmd: ['no-such'] })).json<{ Id: string }>();
    const refused = await engine.call('POST', `/exec/${Id}/start`, { Detach: true });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /executable file not found/);
    await remove(engine, id);
  });

  test('detached, inspected while it runs, ended with its container', async () => {
    const id = await start(engine);
    const { Id } = (await ask(engine, 'POST', `/containers/${id}/exec`, { Cmd: ['sleep', '500'] })).json<{
      Id: string;
    }>();
    await ask(engine, 'POST', `/exec/${Id}/start`, { Detach: true });
    const seen = (await ask(engine, 'GET', `/exec/${Id}/json`)).json<{
      Running: boolean;
      Pid: number;
      ExitCode: null;
    }>();
    assert.deepEqual([seen.Running, seen.ExitCode, seen.Pid > 0], [true, null, true]);
    const again = await engine.call('POST', `/exec/${Id}/start`, { Detach: true });
    assert.equal(again.status, 409, 'it cannot be started twice');
    assert.deepEqual((await inspect(engine, id)).ExecIDs, [Id]);
    await ask(engine, 'POST', `/containers/${id}/kill`);
    const over = (await ask(engine, 'GET', `/exec/${Id}/json`)).json<{ Running: boolean; ExitCode: number }>();
    assert.deepEqual([over.Running, over.ExitCode], [false, 137]);
    await remove(engine, id);
    assert.equal((await engine.call('GET', `/exec/${Id}/json`)).status, 404);
  });

  test('on a terminal: size, input, exit code', async () => {
    const id = await start(engine);
    const config = { Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, Cmd: ['sh'] };
    const { Id } = (await ask(engine, 'POST', `/containers/${id}/exec`, config)).json<{ Id: string }>();
    const opened = await openStream(engine, 'POST', `/exec/${Id}/start`, {
      body: { Tty: true, ConsoleSize: [20, 60] },
    });
    opened.socket.write('stty size; tty; exit 5\n');
    const text = await collectRaw(opened);
    assert.match(text, /20 60\r\n\/dev\/pts\/\d+\r\n/);
    const { ExitCode } = (await ask(engine, 'GET', `/exec/${Id}/json`)).json<{ ExitCode: number }>();
    assert.equal(ExitCode, 5);
    await remove(engine, id);
  });
});
