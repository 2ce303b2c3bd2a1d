/** Where no public registry answers, an SSH host gets the images that were made here, through SSH. */
import { spawn } from 'node:child_process';

const RETRY_MS = 5000;

/**
 * Lets the host reach our port under the same number on its own loopback interface, with the system's ssh, and goes on
 * trying: before its key has been accepted in the editor, ssh refuses. A host that never lets it is left with the
 * registries that it reaches by itself.
 * @param program for tests
 */
export function forwardMirror(host: string, port: number, program = 'ssh', retryMs = RETRY_MS): Disposable {
  const forward = `127.0.0.1:${port}:127.0.0.1:${port}`;
  const options = ['-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', '-o', 'ConnectTimeout=10'];
  const ended = new AbortController();
  function run(): void {
    const child = spawn(program, ['-N', ...options, '-R', forward, '--', host], { stdio: 'ignore' });
    const stop = (): void => void child.kill();
    ended.signal.addEventListener('abort', stop);
    child.on('error', () => undefined); // no ssh here: 'close' follows
    child.on('close', () => {
      ended.signal.removeEventListener('abort', stop);
      if (!ended.signal.aborted) setTimeout(() => ended.signal.aborted || run(), retryMs).unref();
    });
  }
  run();
  return { [Symbol.dispose]: () => ended.abort() };
}
