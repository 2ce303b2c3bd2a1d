/**
 * The one error class of the engine. `code` is closed: the API edge maps it to an HTTP status (see api/errors.ts), the
 * client maps statuses back. The message is for a person: it says what is wrong and, where that helps, what to do.
 */
export type EngineErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'not-modified'
  | 'conflict'
  | 'not-implemented'
  /** By somebody else: a registry. */
  | 'unsupported'
  | 'too-many-requests'
  | 'unavailable'
  | 'cancelled'
  | 'internal';

export class EngineError extends Error {
  readonly code: EngineErrorCode;
  constructor(code: EngineErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** The error's message, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
