/** Measures how long a save takes until a program in the container can see it. */
import { messageOf } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { awaitVisible } from './host-copy.ts';

export interface SavedFile {
  /** Relative to the workspace. */
  readonly path: string;
  readonly sha256: string;
  /** When it was saved, by this machine's clock. */
  readonly mtimeMs: number;
}

export interface Place {
  readonly container: string;
  /** The workspace's folder in the container. */
  readonly folder: string;
}

const TIMEOUT_MS = 5000;
/** Of a big batch a few are measured: the others came along with them. */
const MEASURED = 3;

/** One line for each measured file. Never throws: measuring must not disturb. */
export async function reportVisible(
  api: Pick<EngineConnection, 'call' | 'stream'>,
  place: Place,
  files: readonly SavedFile[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const measure = async ({ path, sha256, mtimeMs }: SavedFile): Promise<void> => {
    try {
      const wanted = { path: `${place.folder}/${path}`, sha256, timeoutMs: TIMEOUT_MS };
      const { visible } = await awaitVisible(api, place.container, wanted, signal);
      const ms = Math.max(0, Math.round(Date.now() - mtimeMs));
      log(
        visible
          ? `${path}: saved, visible in the container after ${ms} ms`
          : `${path}: saved, but not yet visible in the container after ${TIMEOUT_MS / 1000} s`,
      );
    } catch (error) {
      if (!signal.aborted) log(`${path}: saved; not measured (${messageOf(error)})`);
    }
  };
  await Promise.all(files.slice(0, MEASURED).map(measure));
  if (files.length > MEASURED) log(`and ${files.length - MEASURED} more files`);
}
