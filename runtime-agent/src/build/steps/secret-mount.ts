/** `RUN --mount=type=secret`: what the client keeps, as a file in memory or as a variable, and never in the image or the cache. */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SecretMount } from '#model/dockerfile/mount-option.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildRun } from './build-run.ts';

/** Memory; a file there is gone with the machine's power. */
const MEMORY = '/dev/shm';

export interface OpenedSecret {
  /** Host path of the file; undefined when it is only wanted as a variable. */
  readonly file?: string;
  /** `NAME=value`. */
  readonly variable?: string;
}

/** Undefined when the client has no such secret and the mount does not insist. Throws EngineError('not-found') when it does. */
export async function openSecret(
  mount: SecretMount,
  run: Pick<BuildRun, 'client' | 'secrets' | 'folder' | 'host'>,
  stack: AsyncDisposableStack,
): Promise<OpenedSecret | undefined> {
  const { id, env, required } = mount;
  const value = await secretValue(id, run);
  if (value === undefined) {
    if (!required) return undefined;
    throw new EngineError('not-found', `secret ${id}: not found (give it with: --secret id=${id},src=FILE)`);
  }
  const variable = env === undefined ? {} : { variable: `${env}=${value.toString()}` };
  if (env !== undefined && !mount.hasTarget) return variable;
  const parent = existsSync(MEMORY) ? MEMORY : await run.folder();
  const folder = path.join(parent, `slipway-secret-${randomBytes(8).toString('hex')}`);
  mkdirSync(folder, { mode: 0o700 });
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'secret');
  writeFileSync(file, value, { mode: 0o600 });
  const { uid, gid } = run.host.ids.toHost(mount);
  chownSync(file, uid, gid);
  chmodSync(file, mount.mode);
  return { file, ...variable };
}

/** Undefined when the client has none of that id. */
async function secretValue(
  id: string,
  { client, secrets }: Pick<BuildRun, 'client' | 'secrets'>,
): Promise<Buffer | undefined> {
  if (client === undefined) return undefined;
  if (secrets !== 'ask') return secrets.includes(id) ? client.secret(id) : undefined;
  try {
    return await client.secret(id);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not-found') return undefined;
    throw error;
  }
}
