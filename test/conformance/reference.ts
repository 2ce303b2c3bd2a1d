/**
 * A real Docker engine to ask first. REFERENCE_SOCKET names one; else a script that starts one lies beside the checkout;
 * else there is none, and the rows are held against what one answered when they were recorded.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = path.resolve(import.meta.dirname, '../../../shared/conformance/start-reference.sh');

export type Reference = { readonly socket: string } | { readonly none: string };

export async function findReference(env: NodeJS.ProcessEnv = process.env): Promise<Reference> {
  const given = env['REFERENCE_SOCKET'];
  if (given !== undefined && given !== '') return { socket: given.replace(/^unix:\/\//, '') };
  if (!existsSync(SCRIPT)) {
    return { none: 'no Docker to compare with: name the socket of one in REFERENCE_SOCKET' };
  }
  try {
    const { stdout } = await promisify(execFile)(SCRIPT, { timeout: 120_000 });
    const socket = /\bREF=unix:\/\/(\S+)/.exec(stdout)?.[1];
    return socket === undefined ? { none: `${SCRIPT} named no socket` } : { socket };
  } catch (error) {
    return { none: `Docker could not be started: ${(error as Error).message.split('\n', 1)[0]}` };
  }
}
