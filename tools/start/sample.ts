/** The sample workspace, copied to a place where a person can change it. */
import { cp } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { makeOnce } from '../setup/cache.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../sample');

/** Images that the sample's files name, and two to try `docker run` with. */
export const SAMPLE_IMAGES = ['node:20-slim', 'debian:bookworm-slim', 'busybox:latest'];

/** Copies it the first time only: what is there belongs to the person. @returns the folder */
export async function sampleWorkspace(home = homedir()): Promise<string> {
  const folder = path.join(home, 'slipway-sample');
  await makeOnce(folder, (directory) =>
    cp(SOURCE, directory, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' }),
  );
  return folder;
}
