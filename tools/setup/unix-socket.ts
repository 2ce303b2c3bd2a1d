/**
 * The engine's one native module for machines unlike this one: an extension that is packaged here can start engines on
 * hosts of other architectures. npm itself installs only what fits the machine it runs on.
 */
import { readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cachePath, exists, makeOnce } from './cache.ts';
import type { Progress } from './progress.ts';
import { runProgram } from './run-program.ts';

const { version } = createRequire(import.meta.url)('node-unix-socket/package.json') as { readonly version: string };
const FOLDER = cachePath(`unix-socket-${version}`);

/** As the packages are named: processor and C library. */
export const UNIX_SOCKET_PLATFORMS = ['x64-gnu', 'x64-musl', 'arm64-gnu', 'arm64-musl'] as const;

/** Of one fetch: nobody shall wait long for what most never need. */
const FETCH_MS = 30_000;

const packageOf = (platform: string): string => `node-unix-socket-linux-${platform}`;

/** The packages' folders, as far as set-up could bring them. */
export async function otherUnixSockets(): Promise<string[]> {
  const names = await readdir(FOLDER).catch(() => []);
  return names.filter((name) => name.startsWith(packageOf(''))).map((name) => path.join(FOLDER, name));
}

/** A registry that lacks one, or no registry at all, is no failure: hosts that need it fetch it themselves. */
export async function bringUnixSockets(progress: Progress): Promise<void> {
  if (await exists(FOLDER)) return;
  try {
    await progress.step('native modules for hosts of other architectures', 'about five seconds', () =>
      makeOnce(FOLDER, async (directory) => {
        const wanted = UNIX_SOCKET_PLATFORMS.map(packageOf);
        const got = await Promise.all(wanted.map((name) => fetchPackage(name, directory)));
        if (!got.includes(true)) throw new Error('the npm registry has none of them');
      }),
    );
  } catch (error) {
    progress.say(`setup: going on without them: ${(error as Error).message.split('\n')[0]}`);
  }
}

async function fetchPackage(name: string, directory: string): Promise<boolean> {
  const flags = ['--pack-destination', directory, '--fetch-retries=0', '--loglevel=error'];
  try {
    await runProgram('npm', ['pack', `${name}@${version}`, ...flags], { cwd: directory, timeoutMs: FETCH_MS });
  } catch {
    return false;
  }
  const archive = path.join(directory, `${name}-${version}.tgz`);
  await runProgram('tar', ['-xzf', archive, '-C', directory, '--transform', `s,^package,${name},`]);
  await rm(archive);
  return true;
}
