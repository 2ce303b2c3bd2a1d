/** What a new version of a text has in common with the one before, up to the first change: it need not be read again. */
import type { Comment, DockerfileTree, Instruction, SyntaxProblem } from './tree.ts';

export interface Unchanged {
  /** Start of the line where reading goes on. */
  readonly end: number;
  /** All of these, with the comments and problems, stand above it. */
  readonly instructions: readonly Instruction[];
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}

/**
 * An instruction ends where the next one starts: what stands above the last instruction that starts in front of the first
 * change is read as it was.
 * @param from where the directives end, in both versions
 */
export function unchangedIn(text: string, from: number, previous: DockerfileTree): Unchanged | undefined {
  const same = lengthInCommon(text, previous.text);
  const index = previous.instructions.findLastIndex(({ span }) => span.start <= same);
  const next = previous.instructions[index];
  if (next === undefined) return undefined;
  const end = text.lastIndexOf('\n', next.span.start - 1) + 1;
  if (end <= from) return undefined;
  const isAbove = ({ span }: Comment | SyntaxProblem): boolean => span.end <= end && span.start >= from;
  return {
    end,
    instructions: previous.instructions.slice(0, index),
    comments: previous.comments.filter(isAbove),
    problems: previous.problems.filter(isAbove),
  };
}

/** Compared at once, which is faster than one character after the other. */
const CHUNK = 512;

function lengthInCommon(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i + CHUNK <= most && a.startsWith(b.slice(i, i + CHUNK), i)) i += CHUNK;
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}
