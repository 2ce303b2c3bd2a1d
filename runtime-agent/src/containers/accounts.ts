import { readFile } from 'node:fs/promises';
import { resolveInRoot } from '../sync/resolve-in-root.ts';
import type { Accounts } from './spec/user.ts';

async function readInRoot(root: string, file: string): Promise<string | undefined> {
  return await readFile(await resolveInRoot(root, file), 'utf8').catch(() => undefined);
}

/** passwd and group as processes with this root directory see them. */
export async function readAccounts(root: string): Promise<Accounts> {
  const [passwd, group] = await Promise.all([readInRoot(root, '/etc/passwd'), readInRoot(root, '/etc/group')]);
  return { passwd, group };
}
