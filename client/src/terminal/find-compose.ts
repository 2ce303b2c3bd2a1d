/** Which Compose this machine has: the docker command line's plugin, else the program of its own. */
import { execFile } from 'node:child_process';

export interface ComposeProgram {
  readonly program: string;
  /** Before Compose's own. */
  readonly args: readonly string[];
}

const PATIENCE_MS = 15_000;
const CANDIDATES: readonly ComposeProgram[] = [
  { program: 'docker', args: ['compose'] },
  { program: 'docker-compose', args: [] },
];

/** @param searchPath a `PATH` */
export async function findCompose(
  searchPath: string | undefined,
  signal: AbortSignal,
): Promise<ComposeProgram | undefined> {
  const env = { ...process.env, PATH: searchPath };
  for (const candidate of CANDIDATES) if (await runs(candidate, env, signal)) return candidate;
  return undefined;
}

function runs({ program, args }: ComposeProgram, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, [...args, 'version'], { env, signal, timeout: PATIENCE_MS }, (error) => resolve(error === null));
  });
}
