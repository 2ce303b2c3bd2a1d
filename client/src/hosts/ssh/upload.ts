/** Sends a file over SFTP: beside its place, on from where an earlier try was cut, checked by hash, then moved in. */
import { open, stat } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { HostShell } from '../host-shell.ts';
import { sha256OfFile } from '../local-shell.ts';
import { quote } from '../shell-quote.ts';

export interface UploadHost extends Pick<HostShell, 'run'> {
  readonly name: string;
  sftp(): Promise<SFTPWrapper>;
}

type UploadOptions = Parameters<HostShell['upload']>[2];

/** What fits one SFTP packet everywhere, and how many are on the way at once: enough for 100 ms at 40 MB/s. */
const CHUNK = 32_000;
const IN_FLIGHT = 128;

/** @param remoteFile absolute; its folder is made */
export async function uploadOver(
  host: UploadHost,
  localFile: string,
  remoteFile: string,
  options: UploadOptions = {},
): Promise<void> {
  const hash = await sha256OfFile(localFile);
  const { size } = await stat(localFile);
  const part = `${remoteFile}.${hash.slice(0, 12)}.part`;
  const there = await prepare(host, remoteFile, hash, options.signal);
  options.progress?.(there ? size : 0, size);
  if (there) return;
  const sftp = await host.sftp();
  try {
    for (const resume of [true, false]) {
      await send(sftp, localFile, part, { size, resume, ...options });
      if (await moveIn(host, part, remoteFile, hash, options.signal)) return;
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const hint = isDiskFull(error) ? ' Is its disk full?' : '';
    const text = `${remoteFile} could not be written on ${host.name}: ${messageOf(error)}.${hint}`;
    throw new EngineError('unavailable', text, { cause: error });
  } finally {
    sftp.end();
  }
  throw new EngineError(
    'unavailable',
    `${remoteFile} arrived damaged on ${host.name}, twice. Is its disk full or failing?`,
  );
}

const SSH_FX_NO_SUCH_FILE = 2;
const SSH_FX_FAILURE = 4;

/** OpenSSH reports a full disk as a plain failure (SSH_FX_FAILURE). */
function isDiskFull(error: unknown): boolean {
  return (error as { code?: unknown }).code === SSH_FX_FAILURE;
}

/** Another connection may send the same file at the same time: whoever finishes first is right for both. */
const HAS = `has() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]; }`;

/** Makes the folder. @returns whether the file is there already, whole */
async function prepare(host: UploadHost, file: string, hash: string, signal?: AbortSignal): Promise<boolean> {
  const script = `mkdir -p "$(dirname ${quote(file)})" || exit 2
${HAS}
has ${quote(file)} ${hash}; exit $?`;
  const { code, stderr } = await host.run(script, signalOption(signal));
  if (code > 1) throw new EngineError('unavailable', `${file} cannot be written on ${host.name}: ${stderr.trim()}`);
  return code === 0;
}

/** @returns false when what arrived is not what was sent (then it is deleted) */
async function moveIn(
  host: UploadHost,
  part: string,
  file: string,
  hash: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const script = `${HAS}
has ${quote(part)} ${hash} && { mv -f ${quote(part)} ${quote(file)} || has ${quote(file)} ${hash}; exit $?; }
has ${quote(file)} ${hash} && exit 0
rm -f ${quote(part)}; exit 9`;
  const { code, stderr } = await host.run(script, signalOption(signal));
  if (code !== 0 && code !== 9) {
    throw new EngineError('unavailable', `${file} cannot be written on ${host.name}: ${stderr.trim()}`);
  }
  return code === 0;
}

interface SendOptions {
  readonly size: number;
  /** Go on at the end of what is there. */
  readonly resume: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (bytes: number, total: number) => void;
}

async function send(sftp: SFTPWrapper, localFile: string, part: string, options: SendOptions): Promise<void> {
  const { size, signal } = options;
  const have = options.resume ? await sizeOf(sftp, part) : 0;
  const begun = have > 0 && have <= size ? await openBegun(sftp, part) : undefined;
  let position = begun === undefined ? 0 : have;
  let done = position;
  await using local = await open(localFile);
  const remote = begun ?? (await openRemote(sftp, part, 'w'));
  const writer = async (): Promise<void> => {
    while (position < size) {
      throwIfCancelled(signal);
      const start = position;
      position = Math.min(size, start + CHUNK);
      const buffer = Buffer.alloc(position - start);
      await local.read(buffer, 0, buffer.length, start);
      await write(sftp, remote, buffer, start);
      done += buffer.length;
      options.progress?.(done, size);
    }
  };
  const abort = (): void => sftp.end();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
    await new Promise<void>((resolve, reject) => sftp.close(remote, (error) => (error ? reject(error) : resolve())));
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new EngineError('cancelled', 'Cancelled.');
}

function sizeOf(sftp: SFTPWrapper, file: string): Promise<number> {
  return new Promise((resolve) => sftp.stat(file, (error, stats) => resolve(error ? 0 : stats.size)));
}

function openRemote(sftp: SFTPWrapper, file: string, flags: 'r+' | 'w'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sftp.open(file, flags, 0o644, (error, handle) => (error ? reject(error) : resolve(handle)));
  });
}

/** @returns undefined when another connection has just finished with the file and moved it to its place */
async function openBegun(sftp: SFTPWrapper, file: string): Promise<Buffer | undefined> {
  try {
    return await openRemote(sftp, file, 'r+');
  } catch (error) {
    if ((error as { code?: unknown }).code === SSH_FX_NO_SUCH_FILE) return undefined;
    throw error;
  }
}

function write(sftp: SFTPWrapper, handle: Buffer, data: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.write(handle, data, 0, data.length, position, (error) => (error ? reject(error) : resolve()));
  });
}

function signalOption(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
