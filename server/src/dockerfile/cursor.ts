/** Where in a Dockerfile the caret is, while the text around it is still being written. */
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { DockerfileDocument } from './document.ts';

export interface Cursor {
  readonly offset: number;
  /** The instruction that the caret is in, behind its last word too; undefined where a new one would start. */
  readonly instruction: Instruction | undefined;
  /** The innermost one: of ONBUILD the trigger. */
  readonly keyword: string;
  /** From the last white space to the caret. */
  readonly word: string;
  readonly wordSpan: Span;
  /** Words between keyword and caret, flags and the word at the caret not counted. */
  readonly before: readonly string[];
  /** Only flags stand between the keyword and the word. */
  readonly inFlags: boolean;
}

export function cursorAt(document: DockerfileDocument, offset: number): Cursor {
  const { text } = document;
  let wordStart = offset;
  while (wordStart > 0 && !/\s/.test(text[wordStart - 1] ?? '')) wordStart--;
  const word = text.slice(wordStart, offset);
  const found = instructionAround(document, offset);
  const place = { offset, word, wordSpan: spanOf(wordStart, endOfWord(text, offset)) };
  const inside = found !== undefined && wordStart > found.nameSpan.start ? innermost(found, wordStart) : undefined;
  if (inside === undefined) return { ...place, instruction: undefined, keyword: '', before: [], inFlags: false };
  const before = inside.words.filter(({ span }) => span.end <= wordStart).map((one) => one.text);
  return { ...place, instruction: inside, keyword: inside.keyword, before, inFlags: before.length === 0 };
}

/** A trigger's arguments are its own; its keyword is ONBUILD's argument. */
function innermost(instruction: Instruction, wordStart: number): Instruction {
  const { trigger } = instruction;
  return trigger !== undefined && wordStart > trigger.nameSpan.start ? trigger : instruction;
}

function instructionAround(
  { instructions, text, escape, source }: DockerfileDocument,
  offset: number,
): Instruction | undefined {
  const found = instructions.findLast(({ span }) => span.start < offset);
  if (found === undefined) return undefined;
  if (offset <= found.headSpan.end) return found;
  const rest = text.slice(found.headSpan.end, offset);
  if (/^[ \t]*$/.test(rest)) return found;
  const continues =
    text.slice(found.headSpan.start, found.headSpan.end).endsWith(escape) ||
    new RegExp(`^[ \\t]*\\${escape}`).test(rest);
  const isNextLine = source.lines.lineAt(offset) === source.lines.lineAt(found.headSpan.end) + 1;
  return continues && isNextLine ? found : undefined;
}

function endOfWord(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && /[\w./:@-]/.test(text[end] ?? '')) end++;
  return end;
}
