/** A stock docker command line for the tests and for trying things out: the machine's own, else Debian's, unpacked. */
import type { Progress } from './progress.ts';
import { cachePath, exists, makeOnce } from './cache.ts';
import { unpackDebianPackage } from './host-packages.ts';
import { findProgram } from './run-program.ts';

const DIRECTORY = cachePath('docker-cli');
const UNPACKED = `${DIRECTORY}/usr/bin/docker`;

/** The docker program; undefined when set-up has not brought one. */
export async function dockerCli(): Promise<string | undefined> {
  return findProgram('docker') ?? ((await exists(UNPACKED)) ? UNPACKED : undefined);
}

export async function bringDockerCli(progress: Progress): Promise<void> {
  if ((await dockerCli()) !== undefined) return;
  await progress.step('docker command line (from a Debian package, not installed)', 'about five seconds', (step) =>
    makeOnce(DIRECTORY, (directory) => unpackDebianPackage(['docker-cli', 'docker.io'], directory, step)),
  );
}
