/**
 * A real VS Code for `npm start` and the e2e tests: code-server and the Node it wants, as npm packages. No install
 * script runs and nothing is compiled; what those scripts would have done is done here.
 */
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachePath, exists, makeOnce } from './cache.ts';
import type { Progress, Step } from './progress.ts';
import { runProgram } from './run-program.ts';

const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';
/** Counts up when what is done below changes. */
const EDITION = 1;

export interface Ide {
  /** Holds node_modules with both packages. */
  readonly directory: string;
  readonly node: string;
}

export function ideAt(directory = cachePath(`ide-${CODE_SERVER}-${EDITION}`)): Ide {
  return {
    directory,
    node: path.join(directory, `node_modules/node-linux-${process.arch}/bin/node`),
  };
}

/** VS Code's own server, the program for `ide.node`. */
export function ideServer(ide: Ide): string {
  return path.join(ide.directory, 'node_modules/code-server/lib/vscode/out/server-main.js');
}

export async function bringIde(progress: Progress): Promise<Ide> {
  const ide = ideAt();
  if (await exists(ide.directory)) return ide;
  await progress.step(`VS Code (code-server ${CODE_SERVER} from npm)`, 'about half a minute', (step) =>
    makeOnce(ide.directory, (directory) => install(directory, step)),
  );
  return ide;
}

async function install(directory: string, step: Step): Promise<void> {
  const vscode = path.join(directory, 'node_modules/code-server/lib/vscode');
  await writeFile(path.join(directory, 'package.json'), '{"name":"slipway-ide","private":true}');
  step.detail('downloading');
  await npmInstall(directory, ['--save-exact', `node-linux-${process.arch}@${NODE}`, `code-server@${CODE_SERVER}`]);
  step.detail('installing what it needs');
  await Promise.all([npmInstall(vscode), npmInstall(path.join(vscode, 'extensions'))]);
  await runProgram(ideAt(directory).node, ['./postinstall.mjs'], { cwd: path.join(vscode, 'extensions') });
  await link('code-linux.sh', path.join(vscode, 'bin/remote-cli/code-server'));
  await link('browser-linux.sh', path.join(vscode, 'bin/helpers/browser.sh'));
  await replaceNativeModules(path.join(vscode, 'node_modules/@vscode'));
  step.detail('removing what is not used here');
  await prune(directory, vscode);
}

async function npmInstall(cwd: string, packages: readonly string[] = []): Promise<void> {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--engine-strict=false'];
  await runProgram('npm', ['install', ...flags, ...packages], { cwd });
}

async function link(target: string, file: string): Promise<void> {
  await rm(file, { force: true });
  await symlink(target, file);
}

/** The one native module that the server loads unguarded, and one whose absence fills every log with an error. */
async function replaceNativeModules(modules: string): Promise<void> {
  await copyFile(path.join(import.meta.dirname, 'spdlog-stand-in.cjs'), path.join(modules, 'spdlog/index.js'));
  await mkdir(path.join(modules, 'native-watchdog'), { recursive: true });
  await writeFile(path.join(modules, 'native-watchdog/index.js'), 'exports.start = () => {};\n');
}

/** Other platforms' binaries, AI features, build inputs, source maps: loaded lazily or never here. */
async function prune(directory: string, vscode: string): Promise<void> {
  const modules = path.join(vscode, 'node_modules');
  const gone = [
    ...(await matching(path.join(modules, '@github'), /^copilot-sdk/)),
    ...(await matching(path.join(modules, '@vscode'), /^windows-/)),
    ...(await matching(path.join(modules, '@vscode/ripgrep-universal/bin'), /^(?!linux-)|^linux-(?!(x64|arm64)$)/)),
    ...['@microsoft/mxc-sdk', 'node-pty/deps', 'node-pty/third_party', 'nan', 'cpu-features'].map((name) =>
      path.join(modules, name),
    ),
    path.join(vscode, 'extensions/copilot'),
    ...['include', 'share'].map((name) => path.join(directory, `node_modules/node-linux-${process.arch}`, name)),
  ];
  await Promise.all(gone.map((file) => rm(file, { recursive: true, force: true })));
  await removeTree(path.join(directory, 'node_modules'), /\/prebuilds\/(darwin|win32|freebsd|android)-[^/]*$|\.map$/);
}

async function matching(directory: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => pattern.test(name)).map((name) => path.join(directory, name));
}

async function removeTree(directory: string, pattern: RegExp): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (pattern.test(file)) await rm(file, { recursive: true, force: true });
    else if (entry.isDirectory()) await removeTree(file, pattern);
  }
}
