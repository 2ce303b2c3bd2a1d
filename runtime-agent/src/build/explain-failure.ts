import { EngineError, messageOf } from '#model/engine-api/errors.ts';

/** A build's error as its callers see it: cancelled, a full disk, or what was thrown. */
export function explainFailure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new EngineError('cancelled', 'the build was cancelled', { cause: error });
  if (isDiskFull(error)) {
    const what =
      'no space left on device: the build needs more room under the data root (docker system prune frees some)';
    return new EngineError('unavailable', what, { cause: error });
  }
  if (error instanceof EngineError) return error;
  return new EngineError('internal', messageOf(error), { cause: error });
}

const SQLITE_FULL = 13; // sqlite.org/rescode.html

function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as NodeJS.ErrnoException & { readonly errcode?: number };
  return code === 'ENOSPC' || code === 'EDQUOT' || (code === 'ERR_SQLITE_ERROR' && errcode === SQLITE_FULL);
}
