/**
 * A real Docker engine to ask first, when somebody wants that: it takes minutes. REFERENCE_SOCKET names one, or is `start` for
 * the script beside the checkout. Else the rows are held against what one answered when they were recorded.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = path.resolve(import.meta.dirname, '../../../shared/conformance/start-reference.sh');

export type Reference = { readonly socket: string } | { readonly none: string };

export async function findReference(env: NodeJS.ProcessEnv = process.env): Promise<Reference> {
  const given = env['REFERENCE_SOCKET'] ?? '';
  if (given === '') return { none: 'no Docker to compare with: name the socket of one in REFERENCE_SOCKET' };
  if (given !== 'start') return { socket: given.replace(/^unix:\/\//, '') };
  if (!existsSync(SCRIPT)) return { none: `there is no ${path.basename(SCRIPT)} beside the checkout` };
  try {
    const { stdout } = await promisify(execFile)(SCRIPT, { timeout: 120_000 });
    const socket = /\bREF=unix:\/\/(\S+)/.exec(stdout)?.[1];
    return socket === undefined ? { none: `${SCRIPT} named no socket` } : { socket };
  } catch (error) {
    return { none: `Docker could not be started: ${(error as Error).message.split('\n', 1)[0]}` };
  }
}
