/** busybox from Debian's busybox-static: one program under all its names. */
import { chmod, copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unpackDebianPackage } from '../../setup/host-packages.ts';
import type { Step } from '../../setup/progress.ts';
import { runProgram } from '../../setup/run-program.ts';

const FILES = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  'etc/group': 'root:x:0:\nnobody:x:65534:\n',
  'etc/shadow': 'root:*:19000:0:99999:7:::\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

export async function fillBusybox(root: string, step: Step): Promise<void> {
  const unpacked = `${root}.package`;
  await mkdir(unpacked);
  try {
    await unpackDebianPackage(['busybox-static'], unpacked, step);
    for (const directory of ['bin', 'etc', 'home', 'root', 'tmp', 'usr/bin', 'var/spool', 'var/www']) {
      await mkdir(path.join(root, directory), { recursive: true });
    }
    await copyFile(path.join(unpacked, 'bin/busybox'), path.join(root, 'bin/busybox'));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  await chmod(path.join(root, 'tmp'), 0o1777);
  await chmod(path.join(root, 'root'), 0o700);
  const names = (await runProgram(path.join(root, 'bin/busybox'), ['--list'])).split('\n');
  for (const name of names.filter((name) => name !== '' && name !== 'busybox')) {
    await link(path.join(root, 'bin/busybox'), path.join(root, 'bin', name));
  }
  await link(path.join(root, 'bin/busybox'), path.join(root, 'usr/bin/env'));
  for (const [file, text] of Object.entries(FILES)) await writeFile(path.join(root, file), text);
}
