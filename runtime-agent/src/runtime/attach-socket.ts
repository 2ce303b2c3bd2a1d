/**
 * The attach socket of conmon (SOCK_SEQPACKET): what is written there is the process's stdin, and closing the writing
 * side closes stdin. What the process prints arrives here too; it is thrown away, because output is read from the log,
 * so that a slow reader never holds a container up.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { SeqpacketSocket } from 'node-unix-socket';
import { EngineError } from '#model/engine-api/errors.ts';

/** conmon reads packets into a buffer of this size and drops the rest of longer ones. */
const PACKET_LIMIT = 16 * 1024;

export interface AttachedStdin extends Writable {
  /** Goes away without closing the process's stdin, when conmon was told to leave it open. */
  detach(): void;
}

/** @param directory conmon's bundle, which holds the socket `attach` */
export function openStdin(directory: string): AttachedStdin {
  const socket = new SeqpacketSocket();
  // Socket paths are limited to 107 bytes: reach the socket through an open directory.
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  const connected = new Promise<void>((resolve, reject) => {
    socket.on('error', (error) => reject(new EngineError('internal', `attach socket: ${String(error)}`)));
    socket.on('close', () => reject(new EngineError('internal', 'the container has ended')));
    try {
      socket.connect(`/proc/self/fd/${descriptor}/attach`, () => resolve());
    } catch (error) {
      reject(new EngineError('internal', 'the container has ended', { cause: error }));
    }
  }).finally(() => closeSync(descriptor));
  connected.catch(() => {});
  socket.on('data', () => {});

  const send = (chunk: Buffer): Promise<void> =>
    new Promise((resolve) => {
      socket.write(chunk, 0, chunk.length, () => resolve());
    });
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const work = async (): Promise<void> => {
        await connected;
        for (let at = 0; at < chunk.length; at += PACKET_LIMIT) await send(chunk.subarray(at, at + PACKET_LIMIT));
      };
      work().then(() => done(), done);
    },
    final(done) {
      connected.then(
        () => {
          socket.end();
          done();
        },
        () => done(),
      );
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('end', () => stream.destroy());
  socket.on('error', () => stream.destroy());
  return Object.assign(stream, { detach: () => void stream.destroy() });
}
