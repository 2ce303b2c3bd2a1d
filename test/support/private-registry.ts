/** A registry that asks for a password, with one of the made images in it. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Registry, REGISTRY_STORAGE, startRegistry } from '../../tools/world/registry.ts';

export const USER = 'ada';
export const PASSWORD = 'lovelace';

/** The made images under `library/`, for USER with PASSWORD only (HTTP basic authentication). */
export async function startPrivateRegistry(): Promise<Registry> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-htpasswd-'));
  const htpasswd = path.join(directory, 'htpasswd');
  // The registry takes bcrypt only, which Node does not have; Debian's crypt(3) does, and perl is always there.
  const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($2b$05$) . "x" x 22)', PASSWORD]).toString();
  await writeFile(htpasswd, `${USER}:${hash}\n`);
  const registry = await startRegistry({ storage: REGISTRY_STORAGE, readOnly: true, htpasswd });
  return {
    ...registry,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
