/** Where no public registry answers, an SSH host gets the images that were made here, through SSH. */
import { spawn } from 'node:child_process';

/**
 * Lets the host reach our port under the same number on its own loopback interface, with the system's ssh. When that
 * cannot be done without asking something, the host is left with the registries that it reaches by itself.
 */
export function forwardMirror(host: string, port: number): Disposable {
  const forward = `127.0.0.1:${port}:127.0.0.1:${port}`;
  const options = ['-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', '-o', 'ConnectTimeout=10'];
  const child = spawn('ssh', ['-N', ...options, '-R', forward, '--', host], { stdio: 'ignore' });
  child.on('error', () => undefined);
  return { [Symbol.dispose]: () => void child.kill() };
}
