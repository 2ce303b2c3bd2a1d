import { EngineError } from '#model/engine-api/errors.ts';

interface StepExit {
  readonly exitCode: number;
}

/** The error of a RUN whose command ended with another code than 0, in Docker's words. */
export function stepFailure(argv: readonly string[], exitCode: number): EngineError {
  const cause: StepExit = { exitCode };
  return new EngineError('invalid', `The command '${argv.join(' ')}' returned a non-zero code: ${exitCode}`, { cause });
}

/** The exit code that made the build fail; undefined when it failed otherwise. */
export function exitCodeOf(error: unknown): number | undefined {
  const cause = error instanceof EngineError ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'exitCode' in cause && typeof cause.exitCode === 'number'
    ? cause.exitCode
    : undefined;
}
