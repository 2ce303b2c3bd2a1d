import { EngineError } from '#model/engine-api/errors.ts';

/** What Docker's users know by other words than Node's. */
const WORDS: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'file name too long',
  EEXIST: 'file exists',
  ELOOP: 'too many levels of symbolic links',
};

/**
 * A failed call of the system, said of the place in the container: the path of the host, which goes through a descriptor of
 * the engine, tells nobody anything. Other errors are given back as they are.
 */
export function systemError(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof EngineError || !('syscall' in error) || !('code' in error))
    return error;
  const code = String(error.code);
  const said = /^\w+: ([^,]*)/.exec(error.message)?.[1] ?? code;
  return new EngineError('internal', `${String(error.syscall)} ${place}: ${WORDS[code] ?? said}`, { cause: error });
}
