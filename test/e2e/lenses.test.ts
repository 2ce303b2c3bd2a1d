/** Lenses, names of images and the smaller kinds of files in a real VS Code, with an engine. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { findCompose } from '../../client/src/terminal/find-compose.ts';
import { docker } from '../support/docker.ts';
import { type Editor, screenshotOfFailure, startEditor } from '../support/editor.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/machine.ts';
import { packagedExtension } from '../support/packaged-extension.ts';

const BUILD_MS = 60_000;
const FILES = {
  Dockerfile: 'FROM busybox AS first\nRUN echo one >/file\n\nFROM first\nRUN echo two >>/file\n',
  'compose.yaml': 'services:\n  app:\n    image: busybox:latest\n    command: sleep 600\n    stop_signal: KILL\n',
  '.dockerignore': '!no-such-thing\n',
  '.devcontainer/devcontainer.json': '{\n  "image": "busybox:latest",\n  "forwardPort": [80]\n}\n',
};
const skip = process.getuid?.() !== 0 && 'needs root';

let top: string;
let engine: TestEngine;
let editor: Editor;
before(async () => {
  if (skip !== false) return;
  top = await mkdtemp(path.join(tmpdir(), 'slipway-lenses-'));
  for (const [name, text] of Object.entries(FILES)) {
    const file = path.join(top, 'shop', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  engine = await startTestEngine();
  const env = { SLIPWAY_SOCKET: engine.socket, SLIPWAY_CONNECT: 'local' };
  editor = await startEditor({ workspace: path.join(top, 'shop'), vsix: await packagedExtension(), env });
  await editor.openView('Slipway');
  await editor.row(/This machine.*active/s).waitFor();
});
afterEach((context) => screenshotOfFailure(editor, context));
after(async () => {
  await editor?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
  if (top !== undefined) await rm(top, { recursive: true, force: true, maxRetries: 5 });
});

async function clickLens(text: string): Promise<void> {
  const lens = editor.page.locator('.codelens-decoration a').filter({ hasText: text, visible: true }).first();
  await lens.click();
}

test('a stage is built on the active host, its output in view', { skip }, async () => {
  await editor.openFile('Dockerfile');
  await clickLens('Build this stage');
  await editor.see('This machine: shop:first is built.', BUILD_MS);
  await editor.screenshot('build-stage');
  const { stdout } = await docker(engine, 'run', '--rm', 'shop:first', 'cat', '/file');
  assert.equal(stdout, 'one\n');
});

test('images of the active host are offered, and their tags', { skip }, async () => {
  await editor.openFile('Dockerfile');
  await editor.goToEnd();
  await editor.type('FROM sho');
  await editor.press('Control+Space');
  const suggestions = editor.page.locator('.suggest-widget.visible .monaco-list-row');
  await suggestions.filter({ hasText: 'shop:first' }).first().waitFor();
  await editor.screenshot('image-completion');
  await editor.press('Escape');
  await editor.type('p:');
  await editor.press('Control+Space');
  await suggestions
    .filter({ hasText: /^first/ })
    .first()
    .waitFor();
  await editor.press('Escape');
  await editor.press('Control+Shift+K');
});

test('.dockerignore and devcontainer.json are looked at, too', { skip }, async () => {
  await editor.openFile('.dockerignore');
  await (await editor.problem(/no-such-thing/)).waitFor();
  await editor.openFile('devcontainer.json');
  await (await editor.problem(/forwardPort/)).waitFor();
  await editor.screenshot('small-files');
});

test('services are started by Compose in a terminal', { skip }, async (context) => {
  const compose = await findCompose(process.env['PATH'], AbortSignal.timeout(30_000));
  if (compose === undefined) return context.skip('neither docker compose nor docker-compose is on this machine');
  await editor.openFile('compose.yaml');
  await clickLens('Start all services');
  const running = async (): Promise<boolean> => {
    const label = 'label=com.docker.compose.service=app';
    const { stdout } = await docker(engine, 'ps', '--filter', label, '--format', '{{.State}}');
    return stdout.includes('running');
  };
  await waitFor(running, () => 'the service does not run', BUILD_MS);
  await editor.screenshot('compose-up');
});
