/** Log drivers that send logs away: what arrives is what dockerd 28.5 sends, and kills of the engine lose none of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { ask, create, exec, inspect, logsOf, pullImage, start, until, waitFor } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { streamLogServer, udpLogServer, unixDatagramLogServer } from '../support/log-server.ts';

/** The pauses keep the two streams in order. */
const TALK = ['sh', '-c', 'echo hello; sleep 0.1; echo oops >&2; sleep 0.1; echo; printf rest'];

/** Waits until somebody makes the file. */
const step = (name: string): string => `while [ ! -e /${name} ]; do sleep 0.05; done;`;

const logging = (Type: string, Config: Record<string, string> = {}) => ({ LogConfig: { Type, Config } });

describe('log drivers', () => {
  let engine: TestEngine;
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-logs-'));
  before(async () => {
    engine = await startTestEngine();
    await pullImage(engine);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await engine[Symbol.asyncDispose]();
  });

  async function talk(driver: string, options: Record<string, string>): Promise<string> {
    const config = { Labels: { 'com.x': 'lbl' }, Env: ['FOO=bar'] };
    const id = await start(engine, { command: TALK, host: logging(driver, options), config });
    await waitFor(engine, id);
    return id;
  }

  test('syslog over UDP, in all formats; logs can be read here as well', async () => {
    await using server = await udpLogServer();
    const address = { 'syslog-address': `udp://127.0.0.1:${server.port}` };
    const id = await talk('syslog', { ...address, tag: '{{.Name}}/{{.ID}}', 'syslog-facility': 'local3' });
    await until('three messages', async () => server.received().length === 3);
    const { Name = '' } = await inspect(engine, id);
    const [out = '', err = '', rest = ''] = server.received().map(String);
    const tag = `${Name.slice(1)}/${id.slice(0, 12)}`;
    assert.match(
      out,
      new RegExp(`^<158>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d ${tag}\\[${engine.pid}\\]: hello\\n$`),
    );
    assert.match(err, /^<155>.*oops\n$/);
    assert.match(rest, /^<158>.*rest\n$/);
    assert.deepEqual(await logsOf(engine, id), { stdout: 'hello\n\nrest', stderr: 'oops\n' });
    await talk('syslog', { ...address, 'syslog-format': 'rfc5424micro' });
    await until('three more', async () => server.received().length === 6);
    const pattern = `^<30>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z ${hostname()} (\\w{12}) ${engine.pid} \\1 - hello\\n$`;
    assert.match(String(server.received()[3]), new RegExp(pattern));
    await talk('syslog', { ...address, 'syslog-format': 'rfc3164' });
    await until('three more', async () => server.received().length === 9);
    assert.match(String(server.received()[6]), new RegExp(`^<30>.{15} ${hostname()} \\w{12}\\[\\d+\\]: hello\\n$`));
  });

  test('syslog to Unix sockets, as stream and as datagrams', async () => {
    const stream = path.join(folder, 's');
    await using streams = await streamLogServer(undefined, stream);
    await talk('syslog', { 'syslog-address': `unix://${stream}` });
    await until('the lines', async () => /hello\n.*oops\n.*rest\n/.test(streams.text()));
    const datagram = path.join(folder, 'd');
    await using datagrams = unixDatagramLogServer(datagram);
    await talk('syslog', { 'syslog-address': `unixgram://${datagram}` });
    await until('the datagrams', async () => datagrams.received().length === 3);
  });

  test('gelf: compressed over UDP, a long line in chunks; plain over TCP', async () => {
    await using server = await udpLogServer();
    const udp = { 'gelf-address': `udp://127.0.0.1:${server.port}` };
    const id = await talk('gelf', { ...udp, env: 'FOO', labels: 'com.x' });
    await until('three messages', async () => server.received().length === 3);
    const messages = server.received().map((bytes) => JSON.parse(gunzipSync(bytes).toString()));
    assert.deepEqual(
      messages.map((message) => [message.short_message, message.level]),
      [
        ['hello', 6],
        ['oops', 3],
        ['rest', 6],
      ],
    );
    const { version, host, timestamp, _FOO, _container_id, _tag, _command } = messages[0];
    assert.deepEqual([version, host, _FOO, _container_id, _tag], ['1.1', hostname(), 'bar', id, id.slice(0, 12)]);
    assert.equal(messages[0]['_com.x'], 'lbl');
    assert.equal(_command, TALK.join(' '));
    assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60);
    const long = { ...udp, 'gelf-compression-type': 'none' };
    await start(engine, {
      command: ['sh', '-c', 'head -c 5000 /dev/zero | tr "\\0" x; echo'],
      host: logging('gelf', long),
    });
    await until('the chunks', async () => server.received().length >= 7);
    const chunks = server.received().slice(3);
    assert.ok(chunks.every((chunk, i) => chunk[0] === 0x1e && chunk[1] === 0x0f && chunk[10] === i));
    const whole = Buffer.concat(chunks.map((chunk) => chunk.subarray(12))).toString();
    assert.equal(JSON.parse(whole).short_message, 'x'.repeat(5000));
    await using tcp = await streamLogServer();
    await talk('gelf', { 'gelf-address': `tcp://127.0.0.1:${tcp.port}` });
    await until('the lines', async () => tcp.text().split('\0').length === 4);
  });

  test('fluentd: every event is acknowledged when asked for', async () => {
    await using server = await streamLogServer((chunk, socket) => {
      const name = chunk.indexOf('chunk');
      if (name >= 0)
        socket.write(Buffer.concat([Buffer.from([0x81, 0xa3]), Buffer.from('ack'), chunk.subarray(name + 5)]));
    });
    const options = {
      'fluentd-address': `127.0.0.1:${server.port}`,
      tag: 'a.{{.Name}}',
      'fluentd-request-ack': 'true',
    };
    const id = await talk('fluentd', options);
    await until('the rest', async () => server.text().includes('rest'));
    const text = server.text();
    const { Name = '' } = await inspect(engine, id);
    assert.ok(text.includes(`a.${Name.slice(1)}`) && text.includes('container_id') && text.includes(id));
    assert.match(text, /source.stdout.log.hello/s);
    assert.match(text, /partial_ordinal.1/s);
  });

  test('a container does not start when its log has nowhere to go, with Docker’s words', async () => {
    const cases: readonly (readonly [string, Record<string, string>, string])[] = [
      ['syslog', { 'syslog-address': 'tcp://127.0.0.1:1' }, 'dial tcp 127.0.0.1:1: connect: connection refused'],
      [
        'gelf',
        { 'gelf-address': 'tcp://127.0.0.1:1' },
        'gelf: cannot connect to GELF endpoint: 127.0.0.1:1 dial tcp 127.0.0.1:1: connect: connection refused',
      ],
      ['fluentd', { 'fluentd-address': '127.0.0.1:1' }, 'dial tcp 127.0.0.1:1: connect: connection refused'],
    ];
    for (const [driver, options, reason] of cases) {
      const id = await create(engine, { host: logging(driver, options) });
      const answer = await engine.call('POST', `/containers/${id}/start`);
      assert.equal(answer.status, 500);
      const message = `failed to create task for container: failed to initialize logging driver: ${reason}`;
      assert.deepEqual(answer.json(), { message });
    }
    const late = { 'fluentd-address': '127.0.0.1:1', 'fluentd-async': 'true', 'cache-disabled': 'true' };
    const id = await start(engine, { command: ['echo', 'x'], host: logging('fluentd', late) });
    assert.equal(await waitFor(engine, id), 0, 'an absent server holds no container up');
    const answer = await engine.call('GET', `/containers/${id}/logs?stdout=1`);
    assert.deepEqual(answer.json(), { message: 'configured logging driver does not support reading' });
    await ask(engine, 'DELETE', `/containers/${id}?force=1`);
  });

  /** Talks to a server, then without one as much as `script` says, then to another one at the same place. */
  async function outage(driver: string, options: (port: number) => Record<string, string>, warning: RegExp) {
    const first = await streamLogServer();
    const { port } = first;
    // GELF sends the command, too: it must not hold what is waited for.
    const script = `echo fir''st; ${step('go')} for i in $(seq 300); do echo "line $i."; done; ${step('end')} echo la''te`;
    const id = await start(engine, { command: ['sh', '-c', script], host: logging(driver, options(port)) });
    await until('the first line', async () => first.text().includes('first'));
    await first[Symbol.asyncDispose]();
    const { length } = engine.log();
    await exec(engine, id, ['touch', '/go']);
    await until('the warning', async () => warning.test(engine.log().slice(length)));
    await using second = await streamLogServer(undefined, port);
    // While nothing gets through the last line would be dropped as well.
    const recovered = /line|dropped|not sent/;
    await until('news', async () => recovered.test(second.text() + engine.log().slice(length)));
    await exec(engine, id, ['touch', '/end']);
    await until('the last line', async () => second.text().includes('late'));
    const { stdout } = await logsOf(engine, id);
    const all = Array.from({ length: 300 }, (_, i) => `line ${i + 1}.`);
    assert.deepEqual(stdout.split('\n'), ['first', ...all, 'late', ''], 'all lines are kept here');
    return [...second.text().matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
  }

  test('lines are dropped when the driver’s options say so, and only then', async () => {
    const few = (lines: readonly number[], most: number): void => {
      assert.ok(lines.length > 0 && lines.length <= most, `${lines.length} lines`);
      assert.deepEqual(
        lines,
        [...lines].sort((a, b) => a - b),
      );
    };
    // A batch of 64 may be on its way besides what is in the buffer, and the first write after a break goes nowhere.
    const size = { mode: 'non-blocking', 'max-buffer-size': '100' };
    few(
      await outage('syslog', (port) => ({ 'syslog-address': `tcp://127.0.0.1:${port}`, ...size }), /tried again/),
      80,
    );
    const async = { 'fluentd-async': 'true', 'fluentd-buffer-limit': '5', 'fluentd-retry-wait': '200ms' };
    few(await outage('fluentd', (port) => ({ 'fluentd-address': `127.0.0.1:${port}`, ...async }), /tried again/), 70);
    assert.match(engine.log(), /\d+ lines are dropped: the buffer was full/);
    const patient = (port: number) => ({ 'fluentd-address': `127.0.0.1:${port}`, 'fluentd-retry-wait': '200ms' });
    const all = await outage('fluentd', patient, /tried again/);
    assert.ok(all.length > 200 && all.at(-1) === 300, `${all.length} lines`);
  });

  test('lines are given up after as many attempts, as far apart, as the options say', async () => {
    const begun = Date.now();
    const retries = { 'gelf-tcp-max-reconnect': '1', 'gelf-tcp-reconnect-delay': '1' };
    const gelf = (port: number) => ({ 'gelf-address': `tcp://127.0.0.1:${port}`, ...retries });
    const lines = await outage('gelf', gelf, /lines are not sent/);
    assert.ok(Date.now() - begun >= 1000 && lines.length < 300, `${lines.length} lines`);
    const fluentd = (port: number) => ({
      'fluentd-address': `127.0.0.1:${port}`,
      'fluentd-max-retries': '2',
      'fluentd-retry-wait': '100ms',
    });
    assert.ok((await outage('fluentd', fluentd, /lines are not sent/)).length < 300);
  });

  test('kills of the engine and an absent server lose no line; only the last one before a kill may be sent again', async () => {
    let server = await streamLogServer();
    const { port } = server;
    const command = ['sh', '-c', 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i."; sleep 0.01; done'];
    const host = logging('syslog', { 'syslog-address': `tcp://127.0.0.1:${port}` });
    const id = await start(engine, { command, host });
    const arrived: string[] = [];
    for (const round of [1, 2, 3]) {
      await sleep(400);
      await engine.stop('SIGKILL');
      arrived.push(server.text());
      await server[Symbol.asyncDispose]();
      await sleep(200);
      if (round < 3) server = await streamLogServer(undefined, port);
      await engine.start();
      if (round === 3) {
        await sleep(300);
        server = await streamLogServer(undefined, port);
      }
    }
    await waitFor(engine, id);
    // On a slow machine an earlier server has it already.
    await until('the last line', async () => [...arrived, server.text()].join('').includes('line 400.'));
    arrived.push(server.text());
    await server[Symbol.asyncDispose]();
    const numbers = [...arrived.join('').matchAll(/: line (\d+)\.\n/g)].map(([, number]) => Number(number));
    // A kill between the sending of a line and the note of it.
    const once = numbers.filter((number, i) => number !== numbers[i - 1]);
    assert.ok(numbers.length - once.length <= 3, `${numbers.length - once.length} lines were sent again`);
    assert.deepEqual(
      once,
      Array.from({ length: 400 }, (_, i) => i + 1),
    );
  });
});
