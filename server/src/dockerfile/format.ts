/** Formatting that changes no meaning: white space at the ends of lines, before instructions and before continuation lines. */
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { spanOf } from '#model/text/span.ts';
import type { DockerfileDocument } from './document.ts';

const INDENT = '    ';

/** Continuation lines that are indented keep what their author chose; heredocs are left alone. */
export function format(document: DockerfileDocument): TextEdit[] {
  const { text, source, instructions, escape } = document;
  const { lines } = source;
  const edits: TextEdit[] = [];
  const replace = (start: number, end: number, replacement: string): void => {
    if (text.slice(start, end) !== replacement) edits.push({ span: spanOf(start, end), text: replacement });
  };
  for (const instruction of instructions) {
    const { span } = instruction;
    replace(lines.startOf(lines.lineAt(span.start)), span.start, '');
    for (const at of unindented(instruction, text, escape)) replace(at, at, INDENT);
  }
  const raw = rawLines(document);
  for (let line = 0; line < lines.lineCount; line++) {
    const end = lines.endOf(line);
    const content = text.slice(lines.startOf(line), end);
    if (!raw.has(line)) replace(end - (content.length - content.trimEnd().length), end, '');
  }
  const last = lines.lineCount - 1;
  if (text.trim() !== '' && lines.endOf(last) > lines.startOf(last)) replace(text.length, text.length, '\n');
  return edits;
}

/** Starts of continuation lines at the margin, where a space neither cuts a word nor gets into quotes. */
function unindented({ joined }: Instruction, text: string, escape: string): number[] {
  const [, ...rest] = joined.pieces;
  return rest
    .filter(
      ({ at, source }) =>
        /\S/.test(text[source] ?? '') && /\s/.test(joined.text[at - 1] ?? '') && !inQuotes(joined.text, at, escape),
    )
    .map(({ source }) => source);
}

function inQuotes(text: string, end: number, escape: string): boolean {
  let quote = '';
  for (let at = 0; at < end; at++) {
    const char = text[at];
    if (char === escape && quote !== "'") at++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
  }
  return quote !== '';
}

/** Lines inside heredocs. */
function rawLines({ instructions, source }: DockerfileDocument): Set<number> {
  const { lines } = source;
  const raw = new Set<number>();
  for (const { content } of instructions.flatMap(({ heredocs }) => heredocs)) {
    for (let line = lines.lineAt(content.start); line <= lines.lineAt(content.end); line++) raw.add(line);
  }
  return raw;
}
