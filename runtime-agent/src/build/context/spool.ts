/** Where the contents of a build context lie, one after the other. */
import { closeSync, mkdirSync, openSync, read, readSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { EngineError } from '#model/engine-api/errors.ts';

export interface Spool {
  /** Fills the buffer. Throws EngineError('internal') when the contents end before. */
  readInto(buffer: Buffer, position: number): void;
  /** The same, without holding up the engine. */
  read(buffer: Buffer, position: number): Promise<void>;
}

export interface WritableSpool extends Spool, Disposable {
  /** Throws what write(2) fails with. */
  write(chunk: Buffer): void;
  /** Nothing more comes: where there is a file, everything is in it. Throws as `write`. */
  flush(): void;
  /** Bytes so far. */
  written(): number;
}

const readAt = promisify(read);
/** Most contexts need no more, and no file. */
const SMALL = 1 << 13;
/** More of it would only be collected as garbage, build after build. */
const BUFFERED = 1 << 17;

function cutOff(): never {
  throw new EngineError('internal', 'the build context was cut off on disk');
}

/** @param file descriptor, open for as long as the spool is used */
export function fileSpool(file: number): Spool {
  return {
    readInto(buffer, position) {
      for (let done = 0; done < buffer.length; )
        done += readSync(file, buffer, done, buffer.length - done, position + done) || cutOff();
    },
    async read(buffer, position) {
      for (let done = 0; done < buffer.length; )
        done += (await readAt(file, buffer, done, buffer.length - done, position + done)).bytesRead || cutOff();
    },
  };
}

/**
 * A small one stays in memory: most builds find all their steps in the cache and read no more than the Dockerfile. A larger
 * one is a file without a name, whose space is free again when it is disposed.
 * @param name path for the file until it is open; the folder above is made
 */
export function createSpool(name: string): WritableSpool {
  let file: number | undefined;
  let buffer = Buffer.allocUnsafeSlow(SMALL);
  let filled = 0;
  let total = 0;
  const put = (bytes: Buffer): void => {
    file ??= openUnnamed(name);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
  };
  const spill = (): void => {
    put(buffer.subarray(0, filled));
    filled = 0;
  };
  const fromBuffer = (into: Buffer, position: number): void => {
    if (position + into.length > filled) cutOff();
    buffer.copy(into, 0, position);
  };
  return {
    written: () => total,
    write(chunk) {
      if (filled + chunk.length > buffer.length && buffer.length < BUFFERED) {
        const larger = Buffer.allocUnsafeSlow(BUFFERED);
        buffer.copy(larger, 0, 0, filled);
        buffer = larger;
      }
      if (filled + chunk.length > buffer.length) spill();
      total += chunk.length;
      if (chunk.length >= buffer.length) put(chunk);
      else filled += chunk.copy(buffer, filled);
    },
    flush() {
      if (file !== undefined) spill();
    },
    readInto(into, position) {
      if (file === undefined) fromBuffer(into, position);
      else fileSpool(file).readInto(into, position);
    },
    async read(into, position) {
      if (file === undefined) fromBuffer(into, position);
      else await fileSpool(file).read(into, position);
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function openUnnamed(name: string): number {
  mkdirSync(path.dirname(name), { recursive: true, mode: 0o700 });
  const file = openSync(name, 'wx+', 0o600);
  unlinkSync(name);
  return file;
}
