import { type FileHandle, open } from 'node:fs/promises';

const HEADER_SIZE = 64;
const SECTION_LIMIT = 1000;
const NAMES_LIMIT = 1024 * 1024;
const GO_SECTIONS = /\.gopclntab|\.go\.buildinfo|\.note\.go\.buildid/;

/** Was the executable built by Go? Stripped ones keep the table of program counters that their own stack traces need. */
export async function isGoBinary(file: string): Promise<boolean> {
  try {
    await using handle = await open(file, 'r');
    return GO_SECTIONS.test(await sectionNames(handle));
  } catch {
    return false;
  }
}

/** The names of all sections of a 64-bit little-endian ELF file, NUL-separated; empty for other files. */
async function sectionNames(handle: FileHandle): Promise<string> {
  const header = await read(handle, 0, HEADER_SIZE);
  if (header.length < HEADER_SIZE || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
    return '';
  const table = Number(header.readBigUInt64LE(40));
  const entrySize = header.readUInt16LE(58);
  const count = Math.min(header.readUInt16LE(60), SECTION_LIMIT);
  const namesIndex = header.readUInt16LE(62);
  if (entrySize < 64 || namesIndex >= count) return '';
  const entry = await read(handle, table + namesIndex * entrySize, entrySize);
  if (entry.length < 40) return '';
  const offset = Number(entry.readBigUInt64LE(24));
  const size = Math.min(Number(entry.readBigUInt64LE(32)), NAMES_LIMIT);
  return (await read(handle, offset, size)).toString('latin1');
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
