/**
 * Which of a processor's other architectures this kernel can run programs of: x86-64 kernels differ in i386 and x32. Asked
 * by running a program of a few bytes. A seccomp filter need not speak of architectures that no process can have; see
 * docs/decisions/0010-seccomp-only-for-what-runs.md.
 */
import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from './host.ts';

interface TinyProgram {
  /** As seccomp profiles name it. */
  readonly architecture: string;
  /** e_machine of elf(5). */
  readonly machine: number;
  /** Machine code that exits with RAN. */
  readonly code: readonly number[];
}

const RAN = 42;
const I386_EXIT = [0xb8, 1, 0, 0, 0, 0xbb, RAN, 0, 0, 0, 0xcd, 0x80]; // mov eax, 1; mov ebx, 42; int 0x80
const X32_EXIT = [0xb8, 0x3c, 0, 0, 0x40, 0xbf, RAN, 0, 0, 0, 0x0f, 0x05]; // mov eax, 0x4000003c; mov edi, 42; syscall

const FOREIGN: Readonly<Record<string, readonly TinyProgram[]>> = {
  x64: [
    { architecture: 'SCMP_ARCH_X86', machine: 3, code: I386_EXIT },
    { architecture: 'SCMP_ARCH_X32', machine: 62, code: X32_EXIT },
  ],
};

/** A static 32-bit executable: file header, one segment, code (elf(5)). */
export function tinyElf({ machine, code }: Pick<TinyProgram, 'machine' | 'code'>): Buffer {
  const [base, headers] = [0x400000, 52 + 32];
  const size = headers + code.length;
  const elf = Buffer.alloc(size);
  // The padding of the identification ends a shell that takes the file for a script, as execvp(3) makes it.
  elf.write('\x7fELF\x01\x01\x01\x00\nexit 7\n', 'latin1');
  const shorts = [2, machine];
  shorts.forEach((value, i) => elf.writeUInt16LE(value, 16 + 2 * i));
  const words = [1, base + headers, 52, 0, 0];
  words.forEach((value, i) => elf.writeUInt32LE(value, 20 + 4 * i));
  const sizes = [52, 32, 1, 0, 0, 0];
  sizes.forEach((value, i) => elf.writeUInt16LE(value, 40 + 2 * i));
  const segment = [1, 0, base, base, size, size, 5, 0x1000];
  segment.forEach((value, i) => elf.writeUInt32LE(value, 52 + 4 * i));
  elf.set(code, headers);
  return elf;
}

/** false only when the kernel refused to run it as what it is. */
async function runs(host: Host, file: string, program: Pick<TinyProgram, 'machine' | 'code'>): Promise<boolean> {
  await writeFile(file, tinyElf(program));
  await chmod(file, 0o700);
  try {
    return (await host.run(file, [], { onFailure: 'return' })).code === RAN;
  } catch (error) {
    const refused = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    return refused.code !== 'ENOEXEC'; // such as a folder mounted noexec, which says nothing
  } finally {
    await rm(file, { force: true });
  }
}

/** @param folder where programs may be run @returns seccomp's names of the architectures that no program here can have */
export async function unusableArchitectures(
  host: Host,
  folder: string,
  programs: readonly TinyProgram[] = FOREIGN[process.arch] ?? [],
): Promise<readonly string[]> {
  const asked = programs.map(async (program) => {
    const usable = await runs(host, path.join(folder, `.probe-${program.machine}`), program);
    return usable ? [] : [program.architecture];
  });
  return (await Promise.all(asked)).flat();
}
