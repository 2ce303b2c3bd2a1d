/** What the lenses of Dockerfiles and Compose files do, against a real engine and this machine's Compose. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildStageCommand } from '../../client/src/commands/build-stage.ts';
import { composeUpCommand } from '../../client/src/commands/compose-up.ts';
import type { CommandDeps } from '../../client/src/commands/deps.ts';
import { fakeEngine } from '../../client/src/commands/fake-engine.ts';
import { activeHost } from '../../client/src/hosts/active-host.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import { type HostList, hostList } from '../../client/src/hosts/host-list.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { dockerHost } from '../../client/src/terminal/docker-host.ts';
import { findCompose } from '../../client/src/terminal/find-compose.ts';
import { type FakeUi, fakeUi } from '../../client/src/views/fake-ui.ts';
import type { LocalProgram } from '../../client/src/views/ui.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const run = promisify(execFile);
let engine: TestEngine;
let hosts: HostList;
let folder: string;
const uri = (name: string): string => pathToFileURL(path.join(folder, name)).href;

before(async () => {
  engine = await startTestEngine();
  const parts = {
    id: 'local',
    label: 'This machine',
    kind: 'local',
    shell: localShell(),
    socketPath: engine.socket,
  } as const;
  hosts = hostList({
    connect: () => openConnection(parts),
    saved: [{ kind: 'local' }],
    save: async () => undefined,
    log: () => undefined,
    onLost: () => undefined,
  });
  await hosts.connect('local');
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'slipway-lens-')), 'app');
  mkdirSync(folder);
  writeFileSync(
    path.join(folder, 'Dockerfile'),
    'FROM busybox AS first\nRUN echo one >/file\nFROM first\nRUN echo two >>/file\n',
  );
  writeFileSync(path.join(folder, 'Dockerfile.bad'), 'FROM busybox\nRUN echo why; exit 7\n');
  writeFileSync(path.join(folder, 'Dockerfile.slow'), 'FROM busybox\nRUN sleep 60\n');
  writeFileSync(
    path.join(folder, 'compose.yaml'),
    'services:\n  app: {image: busybox, command: sleep 60, stop_signal: KILL}\n',
  );
});
after(async () => {
  await hosts?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  if (folder !== undefined) rmSync(path.dirname(folder), { recursive: true, force: true });
});

async function depsWith(ui: CommandDeps['ui']): Promise<CommandDeps> {
  const { deps } = await fakeEngine(fakeUi());
  return { ...deps, ui, hosts, active: activeHost(hosts, { get: () => undefined, set: async () => undefined }) };
}

async function build(ui: FakeUi, ...args: readonly unknown[]): Promise<void> {
  await buildStageCommand.handler(await depsWith(ui), args[0], undefined, args);
}

const fileIn = async (image: string): Promise<string> =>
  (await docker(engine, 'run', '--rm', image, 'cat', '/file')).stdout;

test('stages are built with their output in a channel, and named after the folder', async () => {
  const ui = fakeUi();
  await build(ui, uri('Dockerfile'), 'first', false);
  assert.match(ui.output.join(''), /RUN echo one/);
  assert.doesNotMatch(ui.output.join(''), /RUN echo two/);
  assert.equal(await fileIn('app:first'), 'one\n');
  await build(fakeUi(), uri('Dockerfile'), '1', true);
  assert.equal(await fileIn('app:latest'), 'one\ntwo\n');
});

test('a build that fails is one message; its output is in the channel; a cancelled one ends', async () => {
  const ui = fakeUi();
  await build(ui, uri('Dockerfile.bad'));
  assert.match(ui.output.join(''), /why/);
  assert.equal(ui.shown.filter((line) => /^error: The image could not be built: .*7/s.test(line)).length, 1);
  const cancel = new AbortController();
  const slow: FakeUi = { ...fakeUi(), progress: (_title, work) => work(() => cancel.abort(), cancel.signal) };
  await assert.rejects(build(slow, uri('Dockerfile.slow')), { code: 'cancelled' });
});

test('services are started by the Compose of this machine on the active host', async (context) => {
  const compose = await findCompose(process.env['PATH'], AbortSignal.timeout(30_000));
  if (compose === undefined) return context.skip('neither docker compose nor docker-compose is on this machine');
  const started: LocalProgram[] = [];
  const ui = { ...fakeUi(), runProgram: (_name: string, program: LocalProgram) => void started.push(program) };
  const [connection] = hosts.connections();
  assert.ok(connection);
  const deps: CommandDeps = {
    ...(await depsWith(ui)),
    dockerHost: () => dockerHost(connection, engine.socket),
    findCompose: async () => compose,
  };
  await composeUpCommand.handler(deps, uri('compose.yaml'), undefined, [uri('compose.yaml'), 'app']);
  const [program] = started;
  assert.ok(program);
  const options = { cwd: program.cwd, env: { ...process.env, ...program.env } };
  await run(program.program, [...program.args], options);
  const listed = await docker(
    engine,
    'ps',
    '--filter',
    'label=com.docker.compose.service=app',
    '--format',
    '{{.State}}',
  );
  assert.equal(listed.stdout, 'running\n');
  await run(compose.program, [...compose.args, 'down', '--timeout', '0'], options);
});
