/** The commands of the lenses: what they ask of the engine, of Compose and of the editor. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fakeUi, type FakeUi } from '../views/fake-ui.ts';
import { buildStageCommand } from './build-stage.ts';
import { composeUpArguments, composeUpCommand } from './compose-up.ts';
import type { CommandDeps } from './deps.ts';
import { fakeEngine, type FakeEngineOptions } from './fake-engine.ts';
import { turnRuleOffCommand } from './turn-rule-off.ts';

let top: string;
let folder: string;
let dockerfile: string;
before(() => {
  top = mkdtempSync(path.join(tmpdir(), 'slipway-lens-'));
  folder = path.join(top, 'shop');
  dockerfile = path.join(folder, 'docker', 'Dockerfile');
  mkdirSync(path.dirname(dockerfile), { recursive: true });
  writeFileSync(dockerfile, 'FROM scratch AS one\nFROM scratch\n');
});
after(() => rmSync(top, { recursive: true, force: true }));

const lines = (...messages: object[]): string => messages.map((message) => `${JSON.stringify(message)}\n`).join('');
const BUILT = lines({ stream: 'Step 1/2 : FROM scratch AS one\n' }, { stream: 'done\n' });

async function build(
  ui: FakeUi,
  args: readonly unknown[],
  options: FakeEngineOptions = {},
  deps?: Partial<CommandDeps>,
) {
  const engine = await fakeEngine(ui, { answers: { 'POST /build': BUILT }, ...options });
  await buildStageCommand.handler({ ...engine.deps, ...deps }, args[0], undefined, args);
  return engine.calls
    .map((call) => call.split('?'))
    .map(([path_, query]) => [path_, new URLSearchParams(query)] as const);
}

test('a stage is built by the active host, from what is saved, with its output in a channel', async () => {
  const ui = fakeUi();
  const [[call, query] = []] = await build(ui, [pathToFileURL(dockerfile).href, 'one', false]);
  assert.equal(call, 'local: POST /build');
  assert.deepEqual(
    ['t', 'target', 'dockerfile'].map((name) => query?.get(name)),
    ['docker:one', 'one', 'Dockerfile'],
  );
  assert.deepEqual(ui.shown, [`save: ${dockerfile}`, 'info: This machine: docker:one is built.']);
  assert.match(
    ui.output.join(''),
    /^\nBuilding docker:one on .*\nStep 1\/2 : FROM scratch AS one\ndone\ndocker:one is built/s,
  );
});

test('the last stage is the whole Dockerfile; the context is asked for where there are two', async () => {
  const ui = fakeUi('shop');
  const folders = (): string[] => [folder];
  const [[, query] = []] = await build(ui, [pathToFileURL(dockerfile).href, '1', true], {}, { folders });
  assert.deepEqual(
    ['t', 'target', 'dockerfile'].map((name) => query?.get(name)),
    ['shop:latest', 'undefined', 'docker/Dockerfile'],
  );
  assert.equal(ui.shown[0], 'pick: Build docker/Dockerfile: shop, docker');
  assert.deepEqual(
    await build(fakeUi(undefined), [pathToFileURL(dockerfile).href], {}, { folders }),
    [],
    'left the list',
  );
});

test('from the menu of a file', async () => {
  const target = { scheme: 'file', fsPath: dockerfile };
  const [[, query] = []] = await build(fakeUi(), [target, [target]]);
  assert.equal(query?.get('t'), 'docker:latest');
});

test('a build that fails says so once, with a way to the output; without a host nothing is tried', async () => {
  const ui = fakeUi();
  const failed = lines({ stream: 'Step 1/1 : RUN false\n' }, { error: 'exit code: 1\n' });
  await build(ui, [pathToFileURL(dockerfile).href], { answers: { 'POST /build': failed } });
  assert.deepEqual(ui.shown.slice(1), ['error: The image could not be built: exit code: 1']);
  await assert.rejects(build(fakeUi(), [pathToFileURL(dockerfile).href], { hosts: [] }), {
    message: 'No host is connected. Connect to one in the Slipway view to build an image.',
  });
  await assert.rejects(build(fakeUi(), ['untitled:Untitled-1']), /on disk/);
  const gone = fakeUi();
  await build(gone, [pathToFileURL(`${dockerfile}.gone`).href]);
  assert.match(gone.shown[1] ?? '', /^error: Cannot read the Dockerfile/);
});

async function up(args: readonly unknown[], more: Partial<CommandDeps> = {}) {
  const ui = fakeUi();
  const { deps } = await fakeEngine(ui);
  const dockerHost = async () => ({ url: 'unix:///x.sock', [Symbol.asyncDispose]: async () => undefined });
  const findCompose = async () => ({ program: 'docker', args: ['compose'] });
  await composeUpCommand.handler({ ...deps, dockerHost, findCompose, ...more }, args[0], undefined, args);
  return ui.shown;
}

test('services start by the Compose of this machine, on the active host', async () => {
  const uri = 'file:///work/shop/compose.yaml';
  assert.deepEqual(await up([uri, 'web']), [
    'save: /work/shop/compose.yaml',
    'program: Compose: web on this machine: docker compose up --detach web (/work/shop, DOCKER_HOST=unix:///x.sock)',
  ]);
  await assert.rejects(up([uri], { findCompose: async () => undefined }), /Install the docker command line/);
  await assert.rejects(up([uri], { dockerHost: async () => undefined }), /not connected any more/);
});

test('files that Compose finds are not named: their overrides count', () => {
  assert.deepEqual(composeUpArguments('/a/docker-compose.yml', undefined), ['up', '--detach']);
  assert.deepEqual(composeUpArguments('/a/compose.override.yaml', undefined), ['up', '--detach']);
  assert.deepEqual(composeUpArguments('/a/compose.prod.yaml', 'db'), [
    '--file',
    'compose.prod.yaml',
    'up',
    '--detach',
    'db',
  ]);
});

test('a rule is turned off where settings are, and can be turned on again', async () => {
  const ui = fakeUi();
  const { deps } = await fakeEngine(ui);
  const asked: string[] = [];
  const turnRuleOff: CommandDeps['turnRuleOff'] = async (uri, rule) => {
    asked.push(`${uri} ${rule}`);
    return { where: 'workspace', undo: async () => void asked.push('undone') };
  };
  await turnRuleOffCommand.handler({ ...deps, turnRuleOff }, 'file:///a', undefined, ['file:///a', 'DL3008']);
  assert.deepEqual(asked, ['file:///a DL3008']);
  assert.deepEqual(ui.shown, ['info: DL3008 is off in the settings of this workspace.']);
});
