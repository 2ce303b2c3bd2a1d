import { EngineError, type EngineErrorCode, messageOf } from '#model/engine-api/errors.ts';
import type { Reply } from './route.ts';

const STATUS: Readonly<Record<EngineErrorCode, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'not-modified': 304,
  conflict: 409,
  'not-implemented': 501,
  unsupported: 405,
  'too-many-requests': 429,
  unavailable: 503,
  cancelled: 499,
  internal: 500,
};

/** Clients of these versions read errors as plain text. */
const BEFORE_JSON_ERRORS = /^\/v(0\.\d+|1\.(\d|1\d|2[0-3]))\//;

/** The answer to a failed call: Docker's `{"message": …}` with Docker's status codes. */
export function errorReply(error: unknown, url: string): Reply {
  if (error instanceof EngineError && error.code === 'not-modified') return { status: 304 };
  const status = error instanceof EngineError ? STATUS[error.code] : 500;
  if (BEFORE_JSON_ERRORS.test(url)) return { status, body: `${messageOf(error)}\n` };
  return { status, body: { message: messageOf(error) } };
}
