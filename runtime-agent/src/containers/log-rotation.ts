/** Keeps logs within `max-size` and `max-file` of the json-file and local drivers. */
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import { logReadable, logSinkOf } from '../logging/log-drivers.ts';
import { reopenLog } from '../runtime/control.ts';
import { CURRENT_LOG, OLD_LOG } from '../runtime/log-read.ts';
import { packOldLogs } from '../runtime/packed-log.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths } from './rootfs.ts';

export interface LogLimits {
  /** Bytes per file. */
  readonly maxSize: number;
  /** Files, the one being written included. */
  readonly maxFiles: number;
  /** Whether the old ones are packed. */
  readonly compress?: boolean;
}

const MEBI = 1024 * 1024;
/** Nobody asks for the log of driver `none` later; what is kept is for those who are attached. */
const NONE_LIMITS: LogLimits = { maxSize: 8 * MEBI, maxFiles: 2 };
const LOCAL_LIMITS: LogLimits = { maxSize: 20 * MEBI, maxFiles: 5 };

/** In the words of Go's strconv. */
function wholeNumber(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new EngineError('invalid', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function truth(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new EngineError('invalid', `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Says which option an error is about. */
function named<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new EngineError('invalid', `${prefix}${(error as Error).message}`, { cause: error });
  }
}

/** @param cache what the names of the options begin with */
function localLimits(options: Readonly<Record<string, string>>, cache: string): LogLimits {
  const [size, files, compressed] = ['max-size', 'max-file', 'compress'].map((name) => options[`${cache}${name}`]);
  const maxSize =
    size === undefined ? LOCAL_LIMITS.maxSize : named(`invalid value for max-size: ${size}: `, () => ramInBytes(size));
  const maxFiles =
    files === undefined
      ? LOCAL_LIMITS.maxFiles
      : named(`invalid value for max-file: ${files}: `, () => wholeNumber(files));
  const compress = compressed === undefined || named('error reading compress log option: ', () => truth(compressed));
  if (maxFiles < 0) throw new EngineError('invalid', 'max file count cannot be less than 0');
  if (compress && maxFiles < 2) {
    throw new EngineError('invalid', 'compression cannot be enabled when max file count is 1');
  }
  // Whoever sends a log away knows its files by their names.
  return { maxSize, maxFiles: Math.max(1, maxFiles), compress: cache === '' && compress };
}

/** undefined: without bounds. Throws EngineError('invalid') in Docker's words for options that are none. */
export function logLimits(host: HostConfig): LogLimits | undefined {
  const { Type = 'json-file', Config = {} } = host.LogConfig ?? {};
  if (!logReadable(Type, Config)) return NONE_LIMITS;
  const cache = logSinkOf(Type) === undefined ? '' : 'cache-';
  if (Type === 'local' || cache !== '') return localLimits(Config, cache);
  const { 'max-size': size, 'max-file': files, compress: compressed } = Config;
  const maxSize = size === undefined ? undefined : ramInBytes(size);
  if (maxSize === 0) throw new EngineError('invalid', 'max-size must be a positive number');
  const maxFiles = files === undefined ? 1 : wholeNumber(files);
  if (maxFiles < 1) throw new EngineError('invalid', 'max-file cannot be less than 1');
  const compress = compressed !== undefined && truth(compressed);
  if (compress && (maxSize === undefined || maxFiles < 2)) {
    const text = 'compress cannot be true when max-file is less than 2 or max-size is not set';
    throw new EngineError('invalid', text);
  }
  return maxSize === undefined ? undefined : { maxSize, maxFiles, compress };
}

/** Of a container that is there already: one of an engine before this may have been started with what is refused now. */
function limitsOf({ hostConfig }: ContainerRecord): LogLimits | undefined {
  try {
    return logLimits(hostConfig);
  } catch {
    return undefined;
  }
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;

/** Drops whole lines from the front until at most `keep` bytes are left. */
async function cutHead(file: string, keep: number): Promise<void> {
  const size = await sizeOf(file);
  if (size <= keep) return;
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(keep);
    const { bytesRead } = await handle.read(buffer, 0, keep, size - keep);
    const first = buffer.indexOf(0x0a) + 1;
    await writeFile(`${file}.cut`, buffer.subarray(first, bytesRead), { mode: 0o600 });
  } finally {
    await handle.close();
  }
  await rename(`${file}.cut`, file);
}

async function shift(directory: string, maxFiles: number): Promise<void> {
  const old = (await readdir(directory)).filter((name) => OLD_LOG.test(name));
  for (const name of old.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))) {
    const number = Number.parseInt(name, 10);
    const file = path.join(directory, name);
    if (number >= maxFiles - 1) await rm(file, { force: true });
    else await rename(file, path.join(directory, name.replace(/^\d+/, String(number + 1))));
  }
}

/** Begins a new file when the current one is too large. conmon goes on in the new file when it still runs. */
async function rotate(directory: string, limits: LogLimits, bundle: string | undefined): Promise<void> {
  const current = path.join(directory, CURRENT_LOG);
  if ((await sizeOf(current)) <= limits.maxSize) return;
  if (limits.maxFiles === 1 && bundle === undefined) return await cutHead(current, limits.maxSize);
  await shift(directory, limits.maxFiles);
  const old = path.join(directory, '1');
  await rename(current, old);
  if (bundle !== undefined) await reopenLog(bundle);
  // A burst can write far more than one file's worth before the engine looks.
  if (bundle === undefined) await cutHead(old, limits.maxSize * (limits.maxFiles - 1));
  if (limits.maxFiles === 1) await rm(old, { force: true });
}

/** After the container's end. */
export async function applyLogLimits(context: ContainerContext, record: ContainerRecord): Promise<void> {
  const limits = limitsOf(record);
  if (limits === undefined) return;
  await rotate(containerPaths(context.dataRoot, record.id).logs, limits, undefined);
}

const INTERVAL_MS = 1000;

/** Looks after the logs of running containers until the engine ends. */
export function watchLogSizes(context: ContainerContext): Disposable {
  let busy = false;
  const look = async (): Promise<void> => {
    for (const container of context.store.all()) {
      if (container.run === undefined) continue;
      const limits = limitsOf(container.record);
      if (limits === undefined) continue;
      const { logs } = containerPaths(context.dataRoot, container.id);
      const work = async (): Promise<void> => {
        await rotate(logs, limits, context.runtime.bundle(container.id));
        // Who reads knows files by their inodes.
        if (limits.compress) await packOldLogs(logs, () => container.logReaders > 0);
      };
      await work().catch((error: unknown) => {
        context.warn(`rotating the log of container ${container.id}`, error);
      });
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look().finally(() => (busy = false));
  }, INTERVAL_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
