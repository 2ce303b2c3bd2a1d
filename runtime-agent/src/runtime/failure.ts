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
export function startFailureCode(message: string): 126 | 127 | 128 {
  if (/executable file not found|no such file or directory|system cannot find the file/i.test(message)) return 127;
  if (/permission denied|is a directory|not a directory|exec format error/i.test(message)) return 126;
  return 128;
}

/** @param output what the runtime wrote to stderr */
export function runtimeFailure(action: 'create' | 'exec' | 'start', output: string): EngineError {
  const message = runtimeMessage(output);
  const userError = startFailureCode(message) !== 128;
  if (action === 'exec') {
    const said = message.startsWith('exec failed') ? message : `exec failed: ${message}`;
    return new EngineError(userError ? 'invalid' : 'internal', `OCI runtime exec failed: ${said}`);
  }
  const prefix = 'failed to create task for container: failed to create shim task: OCI runtime create failed';
  const said = `runc create failed: ${message.replace(/^runc (create|run) failed: /, '')}`;
  return new EngineError(userError ? 'invalid' : 'internal', `${prefix}: ${said}`);
}
