/**
 * A real VS Code in a headless browser, as a person would use it: keys, the command palette, what is on the screen.
 *
 *     await using editor = await startEditor({ workspace, vsix: await packageExtension() });
 *     await editor.runCommand('Slipway: Add Host');
 *     await editor.screenshot('add-host');
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { dockerCli } from '../../tools/setup/docker-cli.ts';
import { ideAt } from '../../tools/setup/ide.ts';
import { findProgram } from '../../tools/setup/run-program.ts';
import { installExtension, QUIET_SETTINGS, startIdeServer } from '../../tools/world/ide-server.ts';
import { freePort } from '../../tools/world/registry.ts';

const ARTIFACTS = path.resolve(import.meta.dirname, '../../artifacts');
const WAIT_MS = 30_000;
const LOG_TAIL = 4000;

/** What helps people at the keyboard would make other text of what a test types. */
export const TYPE_AS_IT_IS: Readonly<Record<string, unknown>> = {
  'editor.accessibilitySupport': 'off',
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
};

export interface EditorOptions {
  /** The folder to open. */
  readonly workspace: string;
  /** Installed before the start; none: VS Code alone. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the machine, such as the places of engines. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** For the extension host and terminals. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Editor extends EditorWindow, AsyncDisposable {
  /** The VS Code that opens in a window of its own because of what is done, such as the one in a container. */
  windowOpenedBy(action: () => Promise<void>, timeoutMs: number): Promise<EditorWindow>;
  /** The end of what the extension has logged; empty for a VS Code that somebody else started. */
  slipwayLog(): Promise<string>;
}

export interface EditorWindow {
  readonly page: Page;
  /** Runs a command by its title in the palette, exactly as the palette shows it. */
  runCommand(title: string): Promise<void>;
  /** Opens a file of the workspace in an editor tab. */
  openFile(name: string): Promise<void>;
  /** Puts the caret of the active editor there; both count from 1. */
  goTo(line: number, column: number): Promise<void>;
  /** Puts the caret behind all text of the active editor, which has more than one line. */
  goToEnd(): Promise<void>;
  /** Types into whatever has the focus. */
  type(text: string): Promise<void>;
  press(keys: string): Promise<void>;
  /** Waits until a text is on the screen. */
  see(text: string | RegExp, timeoutMs?: number): Promise<Locator>;
  /** Chooses an entry of an open quick pick, by a part of its label. */
  choose(label: string | RegExp): Promise<void>;
  /** Answers an open input box. */
  answer(text: string): Promise<void>;
  /** Clicks a button of a notification or a dialog. */
  click(button: string): Promise<void>;
  /** Types a command into a new terminal. */
  runInTerminal(command: string): Promise<void>;
  /** Opens a view by the name of its icon in the activity bar. */
  openView(name: string): Promise<void>;
  /** A row of a tree, by its text. */
  row(text: string | RegExp): Locator;
  /** A line of the Problems view. */
  problem(text: string | RegExp): Promise<Locator>;
  /** Waits for the one notification that says it. Throws when there are several. */
  notification(words: RegExp, timeoutMs?: number): Promise<Locator>;
  /** Into artifacts/, for people. */
  screenshot(name: string): Promise<void>;
}

/**
 * For afterEach: what was on the screen when a test failed.
 * @param test the context that node:test gives
 */
export async function screenshotOfFailure(editor: Editor | undefined, test: unknown): Promise<void> {
  const { name, error } = test as { readonly name: string; readonly error?: unknown };
  if (!error || editor === undefined) return;
  const file = `failed ${name}`.replaceAll(/[^\w.]+/g, '-').slice(0, 80);
  for (const [i, page] of editor.page.context().pages().entries()) {
    console.log(`window ${i + 1}: ${page.url()}`);
    await page.screenshot({ path: path.join(ARTIFACTS, `${file}-${i + 1}.png`) }).catch(() => undefined);
  }
  console.log(await editor.slipwayLog());
}

export async function startEditor(options: EditorOptions): Promise<Editor> {
  await using made = new AsyncDisposableStack();
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-editor-'));
  made.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const ide = ideAt();
  if (options.vsix !== undefined) await installExtension(ide, home, options.vsix);
  const settings = { ...QUIET_SETTINGS, ...TYPE_AS_IT_IS, ...options.settings };
  const server = await startIdeServer({
    ide,
    home,
    port: await freePort(),
    env: await environment(options),
    settings,
    machineSettings: options.machineSettings ?? {},
  });
  made.use(server);
  const editor = await browse(server.urlFor(options.workspace));
  made.use(editor);
  const kept = made.move();
  return { ...editor, slipwayLog: () => readLogs(home), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function readLogs(home: string): Promise<string> {
  const logs = globSync('**/Slipway.log', { cwd: home }).map((name) => readFile(path.join(home, name), 'utf8'));
  return (await Promise.all(logs)).join('\n').slice(-LOG_TAIL);
}

/** A browser on a VS Code that runs already. */
export async function browse(url: string): Promise<Editor> {
  const browser = await startBrowser();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read'],
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(url);
  return {
    ...(await readyWindow(page)),
    async windowOpenedBy(action, timeoutMs) {
      const opened = context.waitForEvent('page', { timeout: timeoutMs });
      opened.catch(() => undefined);
      await action();
      return readyWindow(await opened);
    },
    slipwayLog: async () => '',
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Terminals have a docker command line, wherever set-up has put it. */
async function environment({ env }: EditorOptions): Promise<NodeJS.ProcessEnv> {
  const docker = await dockerCli();
  return { ...(docker === undefined ? {} : { SLIPWAY_TERMINAL_PATH: path.dirname(docker) }), ...env };
}

function startBrowser(): Promise<Browser> {
  const executablePath = findProgram('chromium') ?? '/usr/bin/chromium';
  // The page must need nothing but this machine.
  const rules = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', rules] });
}

async function readyWindow(page: Page): Promise<EditorWindow> {
  page.setDefaultTimeout(WAIT_MS);
  await page.locator('.monaco-workbench .part.statusbar').waitFor();
  return windowOf(page);
}

function windowOf(page: Page): EditorWindow {
  const quickInput = page.locator('.quick-input-widget:visible');
  const press = (keys: string): Promise<void> => page.keyboard.press(keys);
  const window: EditorWindow = {
    page,
    press,
    type: (text) => page.keyboard.type(text),
    async runCommand(title) {
      await press('F1');
      await quickInput.locator('input').fill(`>${title}`);
      await quickInput.locator('.monaco-list-row').filter({ hasText: title }).first().waitFor();
      await press('Enter');
    },
    async openFile(name) {
      await press('Control+P');
      await quickInput.locator('input').fill(name);
      // The list shows what was open last before it shows what was asked for.
      await quickInput
        .locator('.monaco-list-row')
        .first()
        .filter({ hasText: path.basename(name) })
        .waitFor();
      await press('Enter');
      await page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
      await page.locator('.editor-instance .monaco-editor.focused').waitFor();
    },
    async goTo(line, column) {
      await press('Control+G');
      await quickInput.locator('input').fill(`:${line}:${column}`);
      await press('Enter');
      await page.locator('.editor-instance .monaco-editor.focused').waitFor();
      await window.see(`Ln ${line}, Col ${column}`);
    },
    goToEnd: () => goToEnd(page),
    async see(text, timeoutMs = WAIT_MS) {
      const found = page.getByText(text).filter({ visible: true }).first();
      await found.waitFor({ timeout: timeoutMs });
      return found;
    },
    async runInTerminal(command) {
      await window.runCommand('Terminal: Create New Terminal');
      await page.locator('.terminal-wrapper.active .xterm-screen').click();
      await page.locator('.terminal-wrapper.active .xterm-helper-textarea:focus').waitFor({ state: 'attached' });
      await page.keyboard.type(command);
      await press('Enter');
    },
    async openView(name) {
      await page
        .locator(`.activitybar .action-item[aria-label^="${name}"], .activitybar [aria-label^="${name}"]`)
        .first()
        .click();
    },
    row: (text) => page.locator('.monaco-list-row[role="treeitem"]').filter({ hasText: text, visible: true }).first(),
    async choose(label) {
      await quickInput.locator('.monaco-list-row').filter({ hasText: label }).first().click();
    },
    async answer(text) {
      await quickInput.locator('input').fill(text);
      await press('Enter');
    },
    async click(button) {
      await page.getByRole('button', { name: button }).filter({ visible: true }).first().click();
    },
    async problem(text) {
      await window.runCommand('Problems: Focus on Problems View');
      return page.locator('.markers-panel-container .monaco-list-row').filter({ hasText: text }).first();
    },
    async notification(words, timeoutMs = WAIT_MS) {
      const message = page.locator('.notification-list-item').filter({ hasText: words });
      await message.first().waitFor({ timeout: timeoutMs });
      assert.equal(await message.count(), 1, `${words}: told once`);
      return message.first();
    },
    async screenshot(name) {
      await mkdir(ARTIFACTS, { recursive: true });
      await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });
    },
  };
  return window;
}

/** An editor that has only just got the focus may not take the first key. */
async function goToEnd(page: Page): Promise<void> {
  const caret = page.getByText(/^Ln \d+, Col \d+/).first();
  for (let left = 100; ; left--) {
    await page.keyboard.press('Control+End');
    const text = await caret.textContent({ timeout: WAIT_MS });
    if (text !== null && !text.startsWith('Ln 1,')) return;
    if (left === 0) throw new Error(`the caret stays at ${text}`);
    await page.waitForTimeout(100);
  }
}
