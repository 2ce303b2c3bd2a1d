/** What is known of a build's failure beside its message: the cause of its EngineError. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { DockerfileText } from './client-files.ts';
import type { Span } from '#model/text/span.ts';

export interface FailureCause {
  /** Of a RUN's command. */
  readonly exit?: { readonly argv: readonly string[]; readonly code: number };
  /** A RUN's command that could not even be started; the runtime's own words for it, where it has come so far. */
  readonly unstarted?: { readonly argv: readonly string[]; readonly words?: string };
  /** A source of COPY or ADD that is not there. */
  readonly missing?: string;
  /** An address of ADD that cannot be had. */
  readonly address?: string;
  /** An image that cannot be had, as written. */
  readonly image?: string;
  /** Where in the Dockerfile; the message without the excerpt that it ends with. */
  readonly place?: {
    readonly span: Span;
    /** Other places that have to do with it. */
    readonly more?: readonly Span[];
    readonly brief: string;
    readonly file?: DockerfileText;
  };
}

const KEY = Symbol('failure');

export function failure(code: EngineError['code'], message: string, about: FailureCause): EngineError {
  return new EngineError(code, message, { cause: { [KEY]: about } });
}

/** The same error of fetching an image, with the image's name. */
export function failedToFetch(error: unknown, image: string): unknown {
  if (!(error instanceof EngineError)) return error;
  return failure(error.code, error.message, { image, ...failureCause(error) });
}

/** The same error, with where in the Dockerfile it happened. */
export function failedAt(error: unknown, span: Span): unknown {
  if (error instanceof EngineError) {
    return failure(error.code, error.message, { place: { span, brief: error.message }, ...failureCause(error) });
  }
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || OF_THE_MACHINE.includes(code)) return error;
  const brief = messageOf(error).replaceAll(MOUNTED_ROOT, '');
  return failure('invalid', brief, { place: { span, brief } });
}

/** A full disk is no fault of a step's. */
const OF_THE_MACHINE = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'];
/** Where a step's files are while it works. */
const MOUNTED_ROOT = /\/[^\s']*\/build\/work\/[0-9a-f]+\/root/g;

/** Of this error, or of the one that caused it. */
export function failureCause(error: unknown): FailureCause {
  if (!(error instanceof Error)) return {};
  const { cause } = error;
  if (typeof cause === 'object' && cause !== null && KEY in cause) return cause[KEY] as FailureCause;
  return failureCause(cause);
}
