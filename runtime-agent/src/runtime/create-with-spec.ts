/**
 * Starts conmon and the OCI runtime at once, and gives them the runtime spec when it is ready: the bundle's config.json is a
 * FIFO. See docs/decisions/0011-runtime-started-before-its-spec.md.
 */
import { writeFileSync } from 'node:fs';
import { feedFifo } from './feed-fifo.ts';
import type { Fifos } from './fifos.ts';

interface Creation<T> {
  readonly fifos: Pick<Fifos, 'place' | 'takeBack'>;
  /** The bundle's config.json. */
  readonly specFile: string;
  readonly spec: Promise<object>;
  /** Runs the runtime to the end of `create`. */
  readonly launch: () => Promise<T>;
}

const bytes = (spec: object): Buffer => Buffer.from(JSON.stringify(spec));

/** When the spec cannot be made, the runtime is told so and has ended before the spec's error is thrown. */
export async function createWithSpec<T>({ fifos, specFile, spec, launch }: Creation<T>): Promise<T> {
  if (!fifos.place(specFile)) {
    writeFileSync(specFile, bytes(await spec), { mode: 0o600 });
    return await launch();
  }
  const launched = launch();
  const over = new AbortController();
  const ended = (): void => over.abort();
  launched.then(ended, ended);
  const feeding = spec.then(
    (made) => feedFifo(specFile, bytes(made), over.signal),
    (error: unknown) => feedFifo(specFile, Buffer.alloc(0), over.signal).then(() => Promise.reject(error)),
  );
  const [process, fed] = await Promise.allSettled([launched, feeding]);
  // A spec that could not be made is the reason, not the runtime that got none.
  if (fed.status === 'rejected') throw fed.reason;
  if (process.status === 'rejected') throw process.reason;
  return process.value;
}
