/** The agent as it lies in the extension, ready to be copied to a host. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { sha256OfFile } from '../local-shell.ts';

export interface AgentFiles {
  readonly folder: string;
  /** Names this version: the hash of all files, shortened. */
  readonly version: string;
  /** Relative paths, sorted. */
  readonly files: readonly AgentFile[];
}

export interface AgentFile {
  readonly name: string;
  readonly sha256: string;
}

/** Native modules are packages named for processor and C library, one of which a host needs. */
export const NATIVE_MODULE = 'node-unix-socket';

/** @returns for example `node-unix-socket-linux-arm64-gnu` */
export function nativeModuleFor({ arch, musl }: { readonly arch: string; readonly musl: boolean }): string {
  return `${NATIVE_MODULE}-linux-${arch}-${musl ? 'musl' : 'gnu'}`;
}

/** Without the native modules of other machines. */
export function filesFor(agent: AgentFiles, nativeModule: string): AgentFile[] {
  return agent.files.filter(({ name }) => {
    const module = /^node_modules\/([^/]+)\//.exec(name)?.[1];
    return module === undefined || !module.startsWith(`${NATIVE_MODULE}-`) || module === nativeModule;
  });
}

export function hasNativeModule(agent: AgentFiles, nativeModule: string): boolean {
  return agent.files.some(({ name }) => name.startsWith(`node_modules/${nativeModule}/`));
}

/** The version that the agent goes with, for fetching the module of a machine that we have none for. */
export async function nativeModuleVersion({ folder }: AgentFiles): Promise<string> {
  const text = await readFile(path.join(folder, 'node_modules', NATIVE_MODULE, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** @throws EngineError `not-found` when the extension was packaged without its agent */
export async function readAgentFiles(folder: string): Promise<AgentFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  if (!names.includes('agent.mjs')) {
    throw new EngineError('not-found', `The engine is missing in ${folder}: install the Slipway extension again.`);
  }
  const files = await Promise.all(
    names.map(async (name) => ({ name, sha256: await sha256OfFile(path.join(folder, name)) })),
  );
  const hash = createHash('sha256');
  for (const { name, sha256 } of files) hash.update(`${name}\0${sha256}\n`);
  return { folder, version: hash.digest('hex').slice(0, 16), files };
}
