/** Streams that may be compressed: told by their first bytes, as Docker does, not by names or headers. */
import { once } from 'node:events';
import { finished, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { cutAtFrames } from './zstd-frames.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ...Array.from({ length: 16 }, (_, i) => ['zstd', [0x50 + i, 0x2a, 0x4d, 0x18]] as const), // begins with what is to be skipped
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];
const LONGEST = 6;

export function compressionOf(start: Uint8Array): Compression {
  return MAGIC.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none';
}

/** The stream's content, unpacked. bzip2 and xz are done by the host's programs of these names. */
export async function decompressed(input: Readable, host: Host): Promise<Readable> {
  const { start, rest } = await peek(input, LONGEST);
  const kind = compressionOf(start);
  if (kind === 'none') return rest;
  if (kind === 'bzip2' || kind === 'xz') return throughProgram(rest, host, kind);
  const inflate = kind === 'gzip' ? createGunzip({ chunkSize: 1 << 18 }) : createZstdDecompress({ chunkSize: 1 << 18 });
  inflate.on('error', ignored);
  pipeline(kind === 'gzip' ? rest : Readable.from(cutAtFrames(rest)), inflate).catch(ignored);
  return Readable.from(explained(inflate, kind), { objectMode: false }).on('error', ignored);
}

/** Who reads a stream gets its error; nobody may have begun to, and that must not end the engine. */
function ignored(): void {}

async function* explained(stream: Readable, kind: Compression): AsyncGenerator<Buffer> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw /^Z(STD)?_/.test((error as NodeJS.ErrnoException).code ?? '') ? broken(kind, error) : error;
  }
}

function broken(kind: Compression, cause: unknown): EngineError {
  return new EngineError('invalid', `the ${kind} data is damaged or ends too early`, { cause });
}

const isMissing = ({ cause }: Error): boolean => (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';

function missing(program: 'bzip2' | 'xz', cause: unknown): EngineError {
  const install = program === 'xz' ? 'xz-utils (or xz)' : program;
  return new EngineError(
    'unavailable',
    `${program} data needs the program ${program} on the host of the engine: install the package ${install} there`,
    { cause },
  );
}

function throughProgram(input: Readable, host: Host, program: 'bzip2' | 'xz'): Readable {
  const child = host.spawn(program, ['--decompress', '--stdout'], { stdin: 'pipe', stderr: 'ignore' });
  const output = new PassThrough({ highWaterMark: 1 << 18 }).on('error', ignored);
  if (child.stdin) pipeline(input, child.stdin).catch(() => {}); // a program that ends early tells by its exit code
  child.stdout?.pipe(output, { end: false });
  child.exited.then(
    (code) => (code === 0 ? output.end() : output.destroy(broken(program, undefined))),
    (error: Error) => output.destroy(isMissing(error) ? missing(program, error) : error),
  );
  output.on('close', () => child.kill('SIGKILL'));
  return output;
}

/** The first bytes, at least `wanted` where there are so many, and the stream as if they had not been read. */
export async function peek(
  input: Readable,
  wanted: number,
): Promise<{ readonly start: Buffer; readonly rest: Readable }> {
  const chunks: Buffer[] = [];
  let length = 0;
  const ended = new Promise<void>((resolve) => finished(input, { writable: false }, () => resolve()));
  while (length < wanted) {
    const chunk = input.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      length += chunk.length;
    } else if (input.readableEnded || input.destroyed) break;
    else await Promise.race([once(input, 'readable'), ended]);
  }
  const start = Buffer.concat(chunks);
  if (input.errored) throw input.errored;
  if (input.readableEnded || input.destroyed) return { start, rest: Readable.from(length === 0 ? [] : [start]) };
  if (length > 0) input.unshift(start);
  return { start, rest: input };
}
