/** What COPY and ADD take from where. */
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Span } from '#model/text/span.ts';

export interface CopyWord {
  readonly text: string;
  readonly span: Span;
}

export interface CopyParts {
  readonly sources: readonly CopyWord[];
  readonly destination: CopyWord | undefined;
  /** The value of `--from`. */
  readonly from: string | undefined;
}

/** Heredocs are sources too. With less than two words there is no destination. */
export function copyParts(instruction: Instruction): CopyParts {
  const words: readonly CopyWord[] = instruction.json?.items ?? instruction.words;
  const from = instruction.flags.find((flag) => flag.name === 'from')?.value;
  if (words.length < 2) return { sources: words, destination: undefined, from };
  return { sources: words.slice(0, -1), destination: words.at(-1), from };
}

const REMOTE = /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/i;

/** A path in the build context, not a URL, repository or heredoc. */
export function isContextPath(text: string): boolean {
  return !REMOTE.test(text) && !/^\d*<</.test(text);
}
