/** The agent as it lies in the extension, ready to be copied to a host. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { sha256OfFile } from '../local-shell.ts';

export interface AgentFiles {
  readonly folder: string;
  /** Names this version: the hash of all files, shortened. */
  readonly version: string;
  /** Relative paths, sorted. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
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
