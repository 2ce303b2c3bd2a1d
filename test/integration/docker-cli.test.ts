/** Step 7: what a person does with the stock docker command line. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerCli } from '../../tools/setup/docker-cli.ts';
import { docker as run, dockerOnTerminal, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

let engine: TestEngine;
let folder = '';
before(async () => {
  if (skip !== false) return;
  engine = await startTestEngine();
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-cli-'));
  await run(engine, 'pull', '--quiet', 'busybox');
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const docker = async (...args: string[]): Promise<string> => (await run(engine, ...args)).stdout;
const busybox = (...args: string[]): Promise<string> => docker('run', '--rm', ...args);

test('version, info, images', { skip }, async () => {
  assert.match(await docker('version'), /Server: Slipway/);
  assert.match(await docker('info'), /Storage Driver: overlay/);
  assert.match(await docker('images'), /^busybox +latest +[0-9a-f]{12} /m);
});

test('run: output, exit code, environment, folder, user, name', { skip }, async () => {
  assert.equal(await busybox('busybox', 'echo', 'hello'), 'hello\n');
  const failing = await tryDocker(engine, ['run', '--rm', 'busybox', 'sh', '-c', 'echo oops >&2; exit 7']);
  assert.deepEqual([failing.code, failing.stderr], [7, 'oops\n']);
  assert.equal(await busybox('-e', 'A=1', '-w', '/tmp', 'busybox', 'sh', '-c', 'echo $A $PWD'), '1 /tmp\n');
  assert.equal(await busybox('--user', '1000:1001', 'busybox', 'sh', '-c', 'id -u; id -g'), '1000\n1001\n');
  const missing = await tryDocker(engine, ['run', '--rm', 'busybox', 'no-such-program']);
  assert.equal(missing.code, 127);
});

test('run: standard input, and a terminal', { skip }, async () => {
  const echoed = await tryDocker(engine, ['run', '--rm', '-i', 'busybox', 'cat'], { input: 'through\n' });
  assert.equal(echoed.stdout, 'through\n');
  const terminal = await dockerOnTerminal(engine, ['run', '--rm', '-it', 'busybox', 'sh', '-c', 'tty; exit 3']);
  assert.match(terminal.stdout, /\/dev\/pts\/0/);
  assert.equal(terminal.code, 3);
});

test('run: folders, volumes and published ports', { skip }, async () => {
  await writeFile(path.join(folder, 'page'), 'from outside\n');
  assert.equal(await busybox('-v', `${folder}:/in:ro`, 'busybox', 'cat', '/in/page'), 'from outside\n');
  await docker('volume', 'create', 'kept');
  await busybox('-v', 'kept:/data', 'busybox', 'sh', '-c', 'echo here >/data/file');
  assert.equal(await busybox('-v', 'kept:/data', 'busybox', 'cat', '/data/file'), 'here\n');
  assert.match(await docker('volume', 'ls'), /local +kept/);
  await docker('volume', 'rm', 'kept');
  assert.doesNotMatch(await docker('volume', 'ls'), /kept/);
  await docker('run', '-d', '--name', 'web', '-p', '127.0.0.1::8080', '-v', `${folder}:/www`, 'busybox', ...HTTPD);
  const [address = ''] = (await docker('port', 'web', '8080')).split('\n');
  assert.equal(await (await fetchSoon(`http://${address}/page`)).text(), 'from outside\n');
  await docker('rm', '-f', 'web');
});

const HTTPD = ['httpd', '-f', '-p', '8080', '-h', '/www'];

test('run: without network, and with the host’s', { skip }, async () => {
  const links = (text: string): string[] => text.trim().split('\n').toSorted();
  assert.deepEqual(links(await busybox('--network', 'none', 'busybox', 'ls', '/sys/class/net')), ['lo']);
  const hosts = links(await busybox('--network', 'host', 'busybox', 'ls', '/sys/class/net'));
  assert.ok(hosts.length > 1, hosts.join(' '));
  assert.match(await docker('network', 'ls'), /bridge.*bridge/);
});

test('the life of a container: ps, logs, exec, stop, start, kill, inspect, rm', { skip }, async () => {
  const loop = 'trap "exit 4" TERM; i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done';
  await docker('run', '-d', '--name', 'life', 'busybox', 'sh', '-c', loop);
  assert.match(await docker('ps'), /busybox .* Up .* life/);
  assert.equal(await docker('exec', 'life', 'cat', '/proc/1/comm'), 'sh\n');
  const terminal = await dockerOnTerminal(engine, ['exec', '-it', 'life', 'sh', '-c', 'tty']);
  assert.match(terminal.stdout, /\/dev\/pts\/0/);
  await docker('stop', 'life');
  assert.match(await docker('ps', '-a'), /Exited \(4\).* life/);
  assert.match(await docker('logs', 'life'), /^line 1\nline 2\n/);
  await docker('start', 'life');
  await docker('kill', 'life');
  const states = await docker('inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'life');
  assert.equal(states, 'exited 137\n');
  await docker('rm', 'life');
  assert.doesNotMatch(await docker('ps', '-a'), /life/);
});

test('logs -f and events go on until something ends', { skip }, async () => {
  await using events = await follow(['events', '--format', '{{.Action}} {{.Actor.Attributes.name}}']);
  await docker('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', 'echo one; sleep 0.5; echo two');
  assert.equal(await docker('logs', '-f', 'talker'), 'one\ntwo\n');
  await docker('rm', 'talker');
  await events.seen(/destroy talker/);
  const actions = events.text().split('\n');
  const wanted = ['create talker', 'start talker', 'die talker', 'destroy talker'];
  assert.deepEqual(
    actions.filter((line) => wanted.includes(line)),
    wanted,
  );
});

test('cp, both ways', { skip }, async () => {
  await docker('create', '--name', 'box', 'busybox');
  await writeFile(path.join(folder, 'letter'), 'dear box');
  await docker('cp', path.join(folder, 'letter'), 'box:/tmp/');
  await docker('cp', 'box:/tmp/letter', path.join(folder, 'copy'));
  assert.equal(await readFile(path.join(folder, 'copy'), 'utf8'), 'dear box');
  await docker('rm', 'box');
});

test('a container lives on when the engine is killed, and the next engine knows it', { skip }, async () => {
  const count = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done';
  const id = await docker('run', '-d', '--name', 'survivor', 'busybox', 'sh', '-c', count);
  const pid = await docker('inspect', '--format', '{{.State.Pid}}', 'survivor');
  await engine.stop('SIGKILL');
  await sleep(300);
  await engine.start();
  assert.equal(await docker('inspect', '--format', '{{.Id}}', 'survivor'), id);
  assert.equal(await docker('inspect', '--format', '{{.State.Pid}}', 'survivor'), pid);
  assert.equal(await docker('exec', 'survivor', 'echo', 'still here'), 'still here\n');
  await docker('kill', 'survivor');
  const lines = (await docker('logs', 'survivor')).trim().split('\n').map(Number);
  assert.ok(lines.length > 5);
  assert.deepEqual(
    lines,
    lines.map((_, i) => i + 1),
    'no line was lost while there was no engine',
  );
  await docker('rm', 'survivor');
});

test('rmi', { skip }, async () => {
  await docker('tag', 'busybox', 'mine:1');
  await docker('rmi', 'mine:1');
  assert.doesNotMatch(await docker('images'), /mine/);
});

async function fetchSoon(url: string): Promise<Response> {
  for (const deadline = Date.now() + 5000; ; await sleep(30)) {
    const answer = await fetch(url).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) return answer;
    if (Date.now() > deadline) throw answer;
  }
}

async function follow(args: readonly string[]) {
  const child = spawn((await dockerCli()) ?? 'docker', args, {
    env: { ...process.env, DOCKER_HOST: engine.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await sleep(300); // the engine does not say when it has begun to tell events
  return {
    text: () => text,
    async seen(pattern: RegExp): Promise<void> {
      for (const deadline = Date.now() + 5000; !pattern.test(text); await sleep(20)) {
        if (Date.now() > deadline) throw new Error(`never said ${pattern}:\n${text}`);
      }
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
