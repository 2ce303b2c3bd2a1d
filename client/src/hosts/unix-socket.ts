/** Connections to Unix sockets of this machine. */
import { connect, type Socket } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';

/** @throws EngineError `unavailable` when nothing listens there, `forbidden` when the socket's mode keeps us out */
export function dialUnix(path: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new EngineError('cancelled', 'Cancelled.'));
      return;
    }
    const socket = connect(path);
    const abort = (): void => {
      socket.destroy();
      reject(new EngineError('cancelled', 'Cancelled.'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abort);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', abort);
      reject(socketError(path, error));
    });
  });
}

function socketError(path: string, error: NodeJS.ErrnoException): EngineError {
  if (error.code === 'EACCES') {
    return new EngineError(
      'forbidden',
      `This user may not open ${path}: run as root, or join the group that owns it.`,
      {
        cause: error,
      },
    );
  }
  const why = error.code === 'ENOENT' ? 'there is no such socket' : 'nothing listens there';
  return new EngineError('unavailable', `No engine at ${path}: ${why}.`, { cause: error });
}
