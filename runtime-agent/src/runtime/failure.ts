/** What the OCI runtime says when it cannot start a process, in Docker's words. */
import { EngineError } from '#model/engine-api/errors.ts';

/** The message of a runc or crun log line (text or JSON), or the text itself. */
export function runtimeMessage(output: string): string {
  const text = output.trim();
  const logged = [...text.matchAll(/level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*")/g)].at(-1)?.[1];
  if (logged !== undefined) return JSON.parse(logged) as string;
  const json = [...text.matchAll(/^\{.*"msg":("(?:[^"\\]|\\.)*").*\}$/gm)].at(-1)?.[1];
  if (json !== undefined) return JSON.parse(json) as string;
  return text;
}

/**
 * The exit code that Docker records for a start that failed with these words: 127 not found, 126 cannot be invoked,
 * otherwise 128.
 */
function startFailureCode(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file/i.test(message)) return 127;
  if (/permission denied|is a directory|not a directory|exec format error/i.test(message)) return 126;
  return UNKNOWN_FAILURE;
}

const UNKNOWN_FAILURE = 128;

/** The cause of errors of runtimeFailure. */
class StartFailure {
  readonly exitCode: number;
  constructor(exitCode: number) {
    this.exitCode = exitCode;
  }
}

/** The exit code to record for a container or exec that could not be started because of this error. */
export function failedStartCode(error: unknown): number {
  return error instanceof EngineError && error.cause instanceof StartFailure ? error.cause.exitCode : UNKNOWN_FAILURE;
}

/** @param output what the runtime wrote to stderr */
export function runtimeFailure(action: 'create' | 'exec' | 'start', output: string): EngineError {
  const message = runtimeMessage(output);
  const exitCode = startFailureCode(message);
  // The runtime is an external program: its words are the only thing that tells a user's mistake from a fault.
  const code = exitCode === UNKNOWN_FAILURE ? 'internal' : 'invalid';
  const cause = new StartFailure(exitCode);
  if (action === 'exec') {
    const said = message.startsWith('exec failed') ? message : `exec failed: ${message}`;
    return new EngineError(code, `OCI runtime exec failed: ${said}`, { cause });
  }
  const prefix = 'failed to create task for container: failed to create shim task: OCI runtime create failed';
  const said = `runc create failed: ${message.replace(/^runc (create|run) failed: /, '')}`;
  return new EngineError(code, `${prefix}: ${said}`, { cause });
}
