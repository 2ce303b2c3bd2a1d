/** Debian's minimal system by debootstrap, from the mirror that this machine itself uses. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../setup/cache.ts';
import { findProgram, runProgram } from '../../setup/run-program.ts';
import type { Step } from '../../setup/progress.ts';

const SUITE = 'bookworm';
const CA_BUNDLE = 'etc/ssl/certs/ca-certificates.crt';
const LOCAL_CAS = 'usr/local/share/ca-certificates';
const EMPTIED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'var/cache/debconf',
];

export async function fillDebian(root: string, step: Step): Promise<void> {
  const mirror = await debianMirror();
  // dpkg syncs every file to the disk unless told not to; nothing here outlives a crash anyway.
  await mkdir(path.join(root, 'etc/dpkg/dpkg.cfg.d'), { recursive: true });
  await writeFile(path.join(root, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n');
  const args = ['--variant=minbase', '--include=ca-certificates', SUITE, root, mirror];
  await runProgram(findProgram('debootstrap') ?? 'debootstrap', args, {
    onLine: (line) => step.detail(line.replace(/^[IW]: /, '')),
  });
  await trustWhatThisMachineTrusts(root);
  for (const directory of EMPTIED) await empty(path.join(root, directory));
}

/** Behind a proxy that opens TLS, containers need the same extra authority as the machine. */
async function trustWhatThisMachineTrusts(root: string): Promise<void> {
  if (await exists(`/${CA_BUNDLE}`)) await copyFile(`/${CA_BUNDLE}`, path.join(root, CA_BUNDLE));
  const local = (await readdir(`/${LOCAL_CAS}`).catch(() => [])).filter((name) => name.endsWith('.crt'));
  await mkdir(path.join(root, LOCAL_CAS), { recursive: true });
  for (const name of local) await copyFile(`/${LOCAL_CAS}/${name}`, path.join(root, LOCAL_CAS, name));
}

async function empty(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

/** The archive that apt uses here for its main component. */
async function debianMirror(): Promise<string> {
  const listed = await runProgram('apt-get', [
    'indextargets',
    '--format',
    '$(ORIGIN)|$(REPO_URI)|$(CODENAME)|$(COMPONENT)',
    'Created-By: Packages',
  ]);
  const found = listed
    .split('\n')
    .map((line) => line.split('|'))
    .find(([origin, , codename, component]) => origin === 'Debian' && component === 'main' && !codename?.includes('-'));
  if (found?.[1] === undefined) {
    throw new Error('Making images needs a Debian package source in apt, and this machine has none.');
  }
  return found[1].replace(/\/$/, '');
}
