/** The engine's configuration: file and flags, SIGHUP, TLS on TCP, the socket's permissions, metrics, shutdown. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { create, exec, inspect, pullImage, run, start, until } from '../support/containers.ts';
import { tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const MAIN = path.resolve(import.meta.dirname, '../../runtime-agent/src/main.ts');

function writeConfig(name: string, config: object): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const serve = (...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, 'serve', ...args]).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
  );

const info = async (engine: TestEngine) =>
  (await engine.call('GET', '/info')).json<{ Labels: string[]; Debug: boolean; LoggingDriver: string; Name: string }>();

test('serve --validate says whether a file is right, and where it is wrong', async () => {
  const good = writeConfig('good.json', { debug: true, 'log-driver': 'local' });
  assert.deepEqual(await serve('--validate', '--config-file', good), { code: 0, text: 'configuration OK\n' });
  const bad = writeConfig('bad.json', { debug: true, 'log-drivr': 'local' });
  const answer = await serve('--validate', '--config-file', bad);
  assert.equal(answer.code, 2);
  assert.equal(answer.text, `slipway: ${bad}:3: log-drivr: there is no such key; did you mean "log-driver"?\n`);
});

describe('an engine with a configuration file', () => {
  test('gives containers its defaults, reloads on SIGHUP, shows metrics', async () => {
    const port = await freePort();
    const config = {
      labels: ['a=1'],
      'log-driver': 'local',
      'log-opts': { 'max-size': '1m' },
      'default-ulimits': { nofile: { Name: 'nofile', Soft: 100, Hard: 200 } },
      'default-shm-size': '8m',
      'no-new-privileges': true,
      dns: ['192.0.2.1'],
      'dns-search': ['example.test'],
      bip: '10.213.7.1/24',
      mtu: 1380,
      'default-address-pools': [{ base: '10.214.0.0/16', size: 24 }],
      'metrics-addr': `127.0.0.1:${port}`,
    };
    const file = writeConfig('daemon.json', config);
    await using engine = await startTestEngine({ args: ['--config-file', file] });
    await pullImage(engine);
    const id = await start(engine, { host: { NetworkMode: 'bridge' } });
    const { HostConfig, NetworkSettings } = await inspect(engine, id);
    assert.deepEqual(HostConfig?.LogConfig, { Type: 'local', Config: { 'max-size': '1m' } });
    assert.match(NetworkSettings?.Networks?.['bridge']?.IPAddress ?? '', /^10\.213\.7\./);
    const seen = await exec(engine, id, [
      'sh',
      '-c',
      'ulimit -Sn; ulimit -Hn; cat /etc/resolv.conf; df -k /dev/shm | tail -1; cat /proc/1/status',
    ]);
    assert.match(seen.stdout, /^100\n200\n/);
    assert.match(seen.stdout, /nameserver 192\.0\.2\.1\nsearch example\.test\n/);
    assert.match(seen.stdout, /\b8192\b/);
    assert.match(seen.stdout, /^NoNewPrivs:\t1$/m);
    const link = await exec(engine, id, ['cat', '/sys/class/net/eth0/mtu']);
    assert.equal(link.stdout, '1380\n');
    const own = await create(engine, { host: { LogConfig: { Type: 'json-file', Config: {} } } });
    assert.deepEqual((await inspect(engine, own)).HostConfig?.LogConfig, { Type: 'json-file', Config: {} });
    await engine.call('POST', '/networks/create', { Name: 'pooled' });
    const network = (await engine.call('GET', '/networks/pooled')).json<{ IPAM: { Config: { Subnet: string }[] } }>();
    assert.match(network.IPAM.Config[0]?.Subnet ?? '', /^10\.214\.\d+\.0\/24$/);

    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /^engine_daemon_container_states_containers\{state="running"\} 1$/m);
    assert.match(metrics, /^engine_daemon_container_actions_seconds_count\{action="create"\} 2$/m);
    assert.match(metrics, /^engine_daemon_engine_info\{.*version="[\d.]+"\} 1$/m);

    const since = Math.floor(Date.now() / 1000) - 1;
    writeConfig('daemon.json', { ...config, labels: ['b=2'], debug: true });
    process.kill(engine.pid, 'SIGHUP');
    await until('the new label', async () => (await info(engine)).Labels.join() === 'b=2');
    assert.equal((await info(engine)).Debug, true);
    const events = await engine.call(
      'GET',
      `/events?since=${since}&until=${Math.ceil(Date.now() / 1000)}&filters={"type":["daemon"]}`,
    );
    const event = JSON.parse(events.text) as { Action: string; Actor: { Attributes: Record<string, string> } };
    assert.equal(event.Action, 'reload');
    assert.deepEqual([event.Actor.Attributes['labels'], event.Actor.Attributes['debug']], ['["b=2"]', 'true']);
    writeFileSync(file, '{ "labels": 1 }');
    process.kill(engine.pid, 'SIGHUP');
    await until('the complaint', async () => engine.log().includes('the configuration stays as it was'));
    assert.match(engine.log(), /daemon\.json:1: labels: expected a list of strings/);
    assert.deepEqual((await info(engine)).Labels, ['b=2']);
    writeConfig('daemon.json', config);
  });

  test('the socket is for root and its group only', async () => {
    await using engine = await startTestEngine({ mirror: false, args: ['--group', 'daemon'] });
    const { mode, gid } = statSync(engine.socket);
    assert.equal(mode & 0o777, 0o660);
    assert.equal(gid, Number(/^daemon:[^:]*:(\d+)/m.exec(readFileSync('/etc/group', 'utf8'))?.[1]));
    await assert.rejects(startTestEngine({ mirror: false, args: ['--group', 'nosuchgroup'] }), /no group of this host/);
  });
});

/** A certificate authority, a server's and a client's certificate, by openssl. */
function makeCertificates(): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const subject = (name: string): string[] => ['-nodes', '-newkey', 'rsa:2048', '-subj', `/CN=${name}`];
  openssl('req', '-x509', ...subject('test ca'), '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-days', '2');
  writeFileSync(path.join(folder, 'server.ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  writeFileSync(path.join(folder, 'client.ext'), 'extendedKeyUsage=clientAuth\n');
  for (const name of ['server', 'client']) {
    openssl('req', ...subject(name), '-keyout', `${name}-key.pem`, '-out', `${name}.csr`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-extfile', `${name}.ext`, '-out', `${name}.pem`);
  }
}

describe('TCP', () => {
  test('with TLS, the stock command line works with a certificate and is refused without', async () => {
    makeCertificates();
    const port = await freePort();
    const file = (name: string): string => path.join(folder, name);
    const tls = ['--tlsverify', '--tlscacert', file('ca.pem'), '--tlscert', file('server.pem')];
    const socket = file('e.sock');
    await using engine = await startTestEngine({
      args: [
        '--host',
        `tcp://127.0.0.1:${port}`,
        '--host',
        `unix://${socket}`,
        ...tls,
        '--tlskey',
        file('server-key.pem'),
      ],
      socket,
    });
    await pullImage(engine);
    const url = `tcp://127.0.0.1:${port}`;
    const ca = ['--tlsverify', '--tlscacert', file('ca.pem')];
    const client = [...ca, '--tlscert', file('client.pem'), '--tlskey', file('client-key.pem')];
    const command = ['run', '--rm', '-i', '--network', 'none', 'busybox', 'cat'];
    const echoed = await tryDocker({ url }, [...client, ...command], { input: 'over TLS\n' });
    assert.deepEqual([echoed.code, echoed.stdout], [0, 'over TLS\n'], echoed.stderr);
    const stranger = await tryDocker({ url }, [...ca, 'version']);
    assert.notEqual(stranger.code, 0);
    const plain = await tryDocker({ url }, ['version']);
    assert.notEqual(plain.code, 0);
    assert.equal((await engine.call('GET', '/_ping')).status, 200, 'the socket answers besides');
  });

  test('without, it is refused unless forced', async () => {
    const port = await freePort();
    const refused = await serve('--config-file', '/dev/null', '--host', `tcp://127.0.0.1:${port}`);
    assert.deepEqual([refused.code, /give root on this machine/.test(refused.text)], [2, true]);
  });
});

describe('the end of an engine', () => {
  test('containers live on by default, and are stopped where they shall not', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const id = await start(engine);
    const pid = (await inspect(engine, id)).State?.Pid;
    await engine.stop('SIGTERM');
    await engine.start();
    assert.equal((await inspect(engine, id)).State?.Pid, pid);

    const args = ['--live-restore=false', '--shutdown-timeout', '3'];
    await using mortal = await startTestEngine({ args });
    await pullImage(mortal);
    const polite = await start(mortal, {
      command: ['sh', '-c', 'trap "echo bye; exit 7" TERM; while :; do sleep 0.1; done'],
    });
    const stubborn = await start(mortal, { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'] });
    const back = await start(mortal, { host: { RestartPolicy: { Name: 'unless-stopped' } } });
    const begun = Date.now();
    await mortal.stop('SIGTERM');
    assert.ok(Date.now() - begun < 12_000);
    await mortal.start();
    const state = async (which: string) => (await inspect(mortal, which)).State;
    assert.deepEqual([(await state(polite))?.Status, (await state(polite))?.ExitCode], ['exited', 7]);
    assert.deepEqual([(await state(stubborn))?.Status, (await state(stubborn))?.ExitCode], ['exited', 137]);
    await until('the restart', async () => (await state(back))?.Running === true);
    assert.equal((await run(mortal, ['true'])).code, 0);
  });
});
