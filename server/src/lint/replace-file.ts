import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { LintUsageError } from './usage-error.ts';

/** Puts the new text in the file's place at once, keeping its mode; a symbolic link keeps pointing where it does. */
export function replaceFile(file: string, text: string): void {
  let aside: string | undefined;
  try {
    const target = realpathSync(file);
    const { mode } = statSync(target);
    aside = `${target}.${process.pid}.tmp`;
    writeFileSync(aside, text, { flag: 'wx', mode });
    chmodSync(aside, mode);
    renameSync(aside, target);
  } catch (error) {
    if (aside !== undefined) rmSync(aside, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new LintUsageError(`cannot write ${file}: ${reason}`, { cause: error });
  }
}
