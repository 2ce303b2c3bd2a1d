/** The text of what is linted. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { LintUsageError } from './usage-error.ts';

const BOM = '\ufeff';

export interface LintedText {
  /** Without a byte order mark, as editors show it. */
  readonly text: string;
  /** What stands before the text. */
  readonly mark: string;
  /** Written back, the text would be other bytes than were read. */
  readonly isLossy: boolean;
}

/** @param file undefined: standard input */
export async function readText(file: string | undefined, name: string): Promise<LintedText> {
  const bytes = await readBytes(file, name);
  if (bytes.includes(0)) throw new LintUsageError(`${name}: a binary file, not text`);
  const whole = bytes.toString('utf8');
  const mark = whole.startsWith(BOM) ? BOM : '';
  return { text: whole.slice(mark.length), mark, isLossy: !isUtf8(bytes) };
}

async function readBytes(file: string | undefined, name: string): Promise<Buffer> {
  try {
    if (file !== undefined) return readFileSync(file);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    throw new LintUsageError(`cannot read ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EISDIR', 'is a directory'],
  ['ENOENT', 'no such file'],
]);

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return REASONS.get(code) ?? String(error);
}
