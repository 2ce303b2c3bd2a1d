/** A copy of the sample workspace for one test. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SAMPLE = path.resolve(import.meta.dirname, '../../sample');

export interface Workspace extends AsyncDisposable {
  readonly folder: string;
}

export async function sampleCopy(): Promise<Workspace> {
  const parent = await mkdtemp(path.join(tmpdir(), 'slipway-w-'));
  const folder = path.join(parent, 'sample');
  await cp(SAMPLE, folder, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
  return { folder, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true, maxRetries: 5 }) };
}
