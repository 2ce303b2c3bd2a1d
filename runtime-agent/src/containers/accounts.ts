/** passwd and group of a container, read without trusting it: no FIFO hangs the engine, no link leads out. */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { resolveInRoot } from '../sync/resolve-in-root.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths, mountRootfs, unmountRootfs } from './rootfs.ts';
import type { Accounts } from './spec/user.ts';

const SIZE_LIMIT = 4 * 1024 * 1024;
/** linux/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PLAIN_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function readPlainFile(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, PLAIN_FILE);
    try {
      const stat = await handle.stat();
      return stat.isFile() && stat.size <= SIZE_LIMIT ? await handle.readFile('utf8') : undefined;
    } finally {
      handle.close().catch(() => {}); // nobody waits for it
    }
  } catch {
    return undefined;
  }
}

/** @returns undefined when there is none, or nothing that one should read */
async function readInRoot(root: string, directory: string, name: string): Promise<string | undefined> {
  try {
    await using parent = await open(path.join(root, directory), DIRECTORY);
    const text = await readPlainFile(`/proc/self/fd/${parent.fd}/${name}`);
    if (text !== undefined) return text;
  } catch {
    // No such directory, or a link: looked for below.
  }
  // Links that go in circles lead nowhere.
  const resolved = await resolveInRoot(root, `/${directory}/${name}`).catch(() => undefined);
  return resolved === undefined ? undefined : await readPlainFile(resolved);
}

/** passwd and group as processes with this root directory see them. */
export async function readAccounts(root: string): Promise<Accounts> {
  const [passwd, group] = await Promise.all([readInRoot(root, 'etc', 'passwd'), readInRoot(root, 'etc', 'group')]);
  return { passwd, group };
}

async function readMounted(context: ContainerContext, record: ContainerRecord): Promise<Accounts> {
  await mountRootfs(context, record);
  try {
    return await readAccounts(containerPaths(context.dataRoot, record.id).rootfs);
  } finally {
    await unmountRootfs(context, record.id);
  }
}

/**
 * Of a container that does not run yet. What the image has is read once and remembered, as it never changes; a container
 * that has changed its own /etc is looked at itself.
 */
export async function accountsBeforeStart(context: ContainerContext, record: ContainerRecord): Promise<Accounts> {
  const { upper } = containerPaths(context.dataRoot, record.id);
  const changed = (await lstat(path.join(upper, 'etc')).catch(() => undefined)) !== undefined;
  if (changed) return await readMounted(context, record);
  const key = record.chainIds.at(-1) ?? '';
  const known = context.accounts.get(key);
  if (known !== undefined) return known;
  const accounts = await readMounted(context, record);
  context.accounts.set(key, accounts);
  return accounts;
}
