/** What a person does in a dev container of the sample, wherever it runs: start the app, change it, debug it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from './docker.ts';
import type { Editor, EditorWindow } from './editor.ts';
import { answersIn, askIn } from './sample-app.ts';

interface Engine {
  /** For DOCKER_HOST. */
  readonly url: string;
}

const OPEN_MS = 120_000;

export interface OpenedDevContainer {
  /** The VS Code in the container. */
  readonly inside: EditorWindow;
  readonly container: string;
}

/**
 * @param shots begin of the names of the screenshots
 * @param open how the person opens it
 */
export async function openDevContainer(
  editor: Editor,
  engine: Engine,
  shots: string,
  open = () => editor.runCommand('Slipway: Open Dev Container'),
): Promise<OpenedDevContainer> {
  const inside = await editor.windowOpenedBy(open, OPEN_MS);
  await inside.row(/^Dockerfile/).waitFor();
  await inside.row(/^node_modules/).waitFor(); // postCreateCommand ran
  assert.equal(await inside.page.getByText('Welcome').count(), 0, 'the settings of the person are there');
  await inside.screenshot(`${shots}-inside`);
  await editor.screenshot(`${shots}-outside`);
  const container = (await docker(engine, 'ps', '--quiet')).stdout.trim();
  assert.match(container, /^[0-9a-f]{12}$/, 'one container runs');
  return { inside, container };
}

export async function startApp({ inside, container }: OpenedDevContainer, engine: Engine): Promise<void> {
  await inside.runInTerminal('npm run dev');
  await answersIn(engine, container, '/greeting?name=Ada', /Hello, Ada!/);
}

/** Changes the greeting in the local editor; the app in the container restarts with it. */
export async function saveAndSee(editor: Editor, container: string, engine: Engine, shot: string): Promise<void> {
  await editor.openFile('greeting.js');
  await editor.press('Control+Home');
  await editor.press('ArrowDown');
  await editor.press('Control+L');
  await editor.type('  const message = `Howdy, ${name}!`;\n');
  await editor.press('Control+S');
  const took = await answersIn(engine, container, '/greeting?name=Ada', /Howdy, Ada/);
  assert.ok(took < 10_000, `${took} ms`);
  await editor.runCommand('Slipway: Show Sync Log');
  await editor.see(/visible\sin\sthe\scontainer\safter\s\d+\sms/);
  await editor.screenshot(shot);
}

/** Sets a breakpoint in the local editor and asks the app: it stops there, shows its variables and goes on. */
export async function hitBreakpoint(editor: Editor, container: string, engine: Engine, shot: string): Promise<void> {
  await editor.openFile('greeting.js');
  await editor.press('Control+Home');
  await editor.press('ArrowDown');
  await editor.press('ArrowDown');
  await editor.press('F9');
  await editor.runCommand('Slipway: Attach Debugger');
  await editor.choose(/^sample-/);
  await editor.page.locator('.debug-toolbar').waitFor();
  const asked = await askUntilItStops(editor, container, engine);
  await editor.see(/Paused on breakpoint/i);
  await editor.screenshot(shot);
  await editor.press('F5');
  assert.match((await asked.answer) ?? '', /Howdy, Ada/);
}

/** Before the breakpoint is bound, which takes a moment over SSH, the app answers without stopping. */
async function askUntilItStops(
  editor: Editor,
  container: string,
  engine: Engine,
): Promise<{ readonly answer: ReturnType<typeof askIn> }> {
  const stopped = editor.page.locator('.codicon-debug-stackframe').first();
  for (let tries = 0; tries < 10; tries++) {
    const asked = askIn(engine, container, '/greeting?name=Ada');
    const outcome = await Promise.race([stopped.waitFor().then(() => 'stopped' as const), asked]);
    if (outcome === 'stopped') return { answer: asked };
    await sleep(500);
  }
  throw new Error('the app answers and never stops at the breakpoint');
}
