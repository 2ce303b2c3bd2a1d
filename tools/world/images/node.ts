/** Node.js on Debian, from npm: the program of one package and npm itself from another. */
import { chmod, chown, copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Step } from '../../setup/progress.ts';
import { runProgram } from '../../setup/run-program.ts';

interface NodeVersions {
  readonly version: string;
  readonly npm: string;
}

const UID = 1000;
const SHADOW_GID = 42;

/** What follows `docker run IMAGE`: options and file names are for node, anything else is a program. */
const ENTRYPOINT = `#!/bin/sh
set -e
case "\${1-}" in
  -*) exec node "$@" ;;
esac
if [ -n "\${1-}" ] && ! command -v "$1" >/dev/null 2>&1 && [ -f "$1" ]; then
  exec node "$@"
fi
exec "$@"
`;

export async function fillNode(
  root: string,
  versions: NodeVersions,
  step: Step,
  readBase: (file: string) => Promise<string>,
): Promise<void> {
  const local = path.join(root, 'usr/local');
  const packages = `${root}.packages`;
  await mkdir(path.join(local, 'bin'), { recursive: true });
  await mkdir(packages);
  try {
    step.detail(`node ${versions.version} and npm ${versions.npm}`);
    const program = `node-linux-${process.arch}`;
    const wanted = [`${program}@${versions.version}`, `npm@${versions.npm}`];
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--engine-strict=false'];
    // Not --prefix: npm would look for the global npmrc there, and miss the person's registry and certificates.
    await writeFile(path.join(packages, 'package.json'), '{ "private": true }\n');
    await runProgram('npm', ['install', ...flags, ...wanted], { cwd: packages });
    await copyFile(path.join(packages, 'node_modules', program, 'bin/node'), path.join(local, 'bin/node'));
    await cp(path.join(packages, 'node_modules/npm'), path.join(local, 'lib/node_modules/npm'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  } finally {
    await rm(packages, { recursive: true, force: true });
  }
  for (const name of ['npm', 'npx']) {
    await runProgram('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, 'bin', name)]);
  }
  await writeFile(path.join(local, 'bin/docker-entrypoint.sh'), ENTRYPOINT);
  for (const name of ['node', 'docker-entrypoint.sh']) await chmod(path.join(local, 'bin', name), 0o755);
  await addUser(root, readBase);
}

/** The unprivileged user that images of Node have. */
async function addUser(root: string, readBase: (file: string) => Promise<string>): Promise<void> {
  await mkdir(path.join(root, 'etc'));
  await mkdir(path.join(root, 'home/node'), { recursive: true });
  await chown(path.join(root, 'home/node'), UID, UID);
  const lines = {
    'etc/passwd': `node:x:${UID}:${UID}::/home/node:/bin/bash\n`,
    'etc/group': `node:x:${UID}:\n`,
    'etc/shadow': 'node:!:19000:0:99999:7:::\n',
  };
  for (const [file, line] of Object.entries(lines))
    await writeFile(path.join(root, file), (await readBase(file)) + line);
  await chmod(path.join(root, 'etc/shadow'), 0o640);
  await chown(path.join(root, 'etc/shadow'), 0, SHADOW_GID);
}
