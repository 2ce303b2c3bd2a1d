/** The engine's ends of FIFOs, as streams that epoll(7) serves: reads and writes that wait hold no thread. */
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { type Readable, Writable } from 'node:stream';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Ends when the last writer has gone; not before the first has come. */
export function readFifo(file: string): Readable {
  return new Socket({ fd: openSync(file, O_RDONLY | O_NONBLOCK), readable: true, writable: false });
}

export interface FifoWriter {
  readonly stream: Writable;
  /** To be called when the reader has the FIFO open: until then nothing that is written meets a closed end. */
  readonly connected: () => void;
}

export function writeFifo(file: string): FifoWriter {
  const held = openSync(file, O_RDWR | O_NONBLOCK);
  const pipe = new Socket({ fd: openSync(file, O_WRONLY | O_NONBLOCK), readable: false, writable: true });
  const stream = new Writable({
    write: (chunk, _encoding, done) => void pipe.write(chunk, done),
    // A pipe cannot be shut down, only closed; all that was written is in it.
    final(done) {
      pipe.destroy();
      done();
    },
    destroy(error, done) {
      pipe.destroy();
      done(error);
    },
  });
  pipe.on('error', (error) => stream.destroy(error));
  stream.on('error', () => {}); // the reader has gone: how its process ended tells
  return { stream, connected: () => closeSync(held) };
}
