import type { EngineError } from '#model/engine-api/errors.ts';
import { failure, failureCause } from '../failure-cause.ts';

/** The error of a RUN whose command ended with another code than 0, in Docker's words. */
export function stepFailure(argv: readonly string[], code: number): EngineError {
  const message = `The command '${argv.join(' ')}' returned a non-zero code: ${code}`;
  return failure('invalid', message, { exit: { argv, code } });
}

/** The exit code that made the build fail; undefined when it failed otherwise. */
export function exitCodeOf(error: unknown): number | undefined {
  return failureCause(error).exit?.code;
}
