/**
 * Runs VS Code's server (the one in code-server) for `npm start` and the e2e tests: on loopback only, and only for who
 * knows its token, because whoever reaches it has a shell on this machine.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from '../setup/cache.ts';
import { type Ide, ideServer } from '../setup/ide.ts';
import { runProgram } from '../setup/run-program.ts';
import { atExit } from './at-exit.ts';

export interface IdeServerOptions {
  readonly ide: Ide;
  /** Settings, extensions, logs and the token; made when it is not there. */
  readonly home: string;
  readonly port: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Written once, when the person has no settings of their own yet. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Written at each start; the person's own settings go before them. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
}

export interface IdeServer extends AsyncDisposable {
  /** The address that opens a folder. */
  urlFor(folder: string): string;
  /** What it and the extensions in it write. */
  readonly logFile: string;
}

/** Nothing that reaches out to the internet, and nothing between the person and the workspace. */
export const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'git.autofetch': false,
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/** Links to ports of this machine are opened as they are: the browser is here too, and the bare server is no proxy. */
const NO_PROXY = '';

const START_MS = 20_000;
const STOP_MS = 3000;

/** Starts the server and waits until it answers. Throws with its log when it does not. */
export async function startIdeServer(options: IdeServerOptions): Promise<IdeServer> {
  const { home, port } = options;
  await mkdir(home, { recursive: true });
  const ownSettings = path.join(home, 'user/User/settings.json');
  if (!(await exists(ownSettings))) await writeJson(ownSettings, options.settings);
  await writeJson(path.join(home, 'user/Machine/settings.json'), options.machineSettings ?? {});
  const token = await connectionToken(home);
  const logFile = path.join(home, 'server.log');
  const log = openSync(logFile, 'w');
  const child = spawn(options.ide.node, [ideServer(options.ide), ...serverArguments(home, port)], {
    stdio: ['ignore', log, log],
    env: { ...process.env, EXTENSIONS_GALLERY: '{}', VSCODE_PROXY_URI: NO_PROXY, ...options.env },
    detached: true, // Ctrl-C reaches us; we end it, with its extension hosts and terminals
  });
  closeSync(log);
  const exited = once(child, 'exit').catch(() => undefined);
  const alive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const forget = atExit(() => signalGroup(child.pid, 'SIGKILL'));
  const stop = async (): Promise<void> => {
    forget();
    if (alive()) {
      signalGroup(child.pid, 'SIGTERM');
      await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })]);
    }
    signalGroup(child.pid, 'SIGKILL');
  };
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (!alive() || Date.now() > deadline) {
      await stop();
      throw new Error(`VS Code's server did not start:\n${(await readFile(logFile, 'utf8')).slice(-2000)}`);
    }
    await sleep(30);
  }
  return {
    logFile,
    urlFor: (folder) =>
      `http://127.0.0.1:${port}/?${new URLSearchParams({ folder, tkn: token })}`.replaceAll('%2F', '/'),
    [Symbol.asyncDispose]: stop,
  };
}

/** Installs a .vsix file, in place of another version of the same extension. */
export async function installExtension(ide: Ide, home: string, vsix: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const args = [...dataArguments(home), '--install-extension', vsix, '--force'];
  await runProgram(ide.node, [ideServer(ide), ...args], { env: { ...process.env, EXTENSIONS_GALLERY: '{}' } });
}

function dataArguments(home: string): string[] {
  const at = (name: string): string => path.join(home, name);
  return ['--server-data-dir', at('server'), '--user-data-dir', at('user'), '--extensions-dir', at('extensions')];
}

function serverArguments(home: string, port: number): string[] {
  return [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--connection-token-file',
    path.join(home, 'token'),
    ...dataArguments(home),
    '--accept-server-license-terms',
    '--telemetry-level',
    'off',
    '--disable-workspace-trust',
  ];
}

async function writeJson(file: string, value: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Kept, so that a bookmark or an open tab still works after the next start. */
async function connectionToken(home: string): Promise<string> {
  const file = path.join(home, 'token');
  if (!(await exists(file))) await writeFile(file, randomBytes(20).toString('hex'), { mode: 0o600 });
  await chmod(file, 0o600);
  return (await readFile(file, 'utf8')).trim();
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/version`).then(
    (response) => response.ok,
    () => false,
  );
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of them have ended.
  }
}
