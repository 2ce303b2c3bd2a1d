/**
 * Formatting that changes no meaning: white space at the ends of lines, before instructions and before continuation lines.
 * What a command's text is worth is the same afterwards but for the number of blanks between its words.
 */
import { append } from '#model/text/append.ts';
import { propertiesOf } from '#model/dockerfile/syntax/properties.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { spanOf } from '#model/text/span.ts';
import type { FormatOptions } from '../language.ts';
import { continuationLines } from './continuation-lines.ts';
import { type DockerfileDocument, instructionAt } from './document.ts';

/** Heredocs are left alone. */
export function format(document: DockerfileDocument, options: FormatOptions): TextEdit[] {
  const { text, source, instructions } = document;
  const { lines } = source;
  const edits: TextEdit[] = [];
  for (const instruction of instructions) {
    const { span } = instruction;
    const start = lines.startOf(lines.lineAt(span.start));
    // A mark at the very start of the file is no white space of the author.
    if (start < span.start && text[start] !== '\uFEFF') edits.push({ span: spanOf(start, span.start), text: '' });
    append(edits, indentation(document, instruction, options));
  }
  const raw = rawLines(document);
  for (let line = 0; line < lines.lineCount; line++) {
    const end = lines.endOf(line);
    const content = text.slice(lines.startOf(line), end);
    const tail = content.length - content.trimEnd().length;
    if (tail > 0 && tail < content.length && !raw.has(line)) edits.push({ span: spanOf(end - tail, end), text: '' });
    else if (tail > 0 && !raw.has(line)) edits.push({ span: spanOf(end - tail, end), text: '' });
  }
  const last = lines.lineCount - 1;
  const isOpen = instructions.at(-1)?.heredocs.some(({ terminator }) => terminator === undefined) === true;
  if (text.trim() !== '' && lines.endOf(last) > lines.startOf(last) && !isOpen) {
    edits.push({ span: spanOf(text.length, text.length), text: '\n' });
  }
  return edits;
}

/** One step for the line that is indented least; the others keep their distance to it. */
function indentation(document: DockerfileDocument, instruction: Instruction, options: FormatOptions): TextEdit[] {
  if (keepsWhiteSpace(instruction, document.escape)) return [];
  const movable = continuationLines(document, instruction);
  const widths = movable.map(({ span }) => widthOf(document.text.slice(span.start, span.end), options));
  const least = widths.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  return movable.flatMap(({ span }) => {
    const written = document.text.slice(span.start, span.end);
    const wanted = indentOf(widthOf(written, options) - least + options.tabSize, options);
    return wanted === written ? [] : [{ span, text: wanted }];
  });
}

/** `ENV name value` and MAINTAINER: the rest of the line as it stands is the value. */
function keepsWhiteSpace(instruction: Instruction, escape: '\\' | '`'): boolean {
  const inner = instruction.trigger ?? instruction;
  return inner.keyword === 'MAINTAINER' || propertiesOf(inner, escape).some(({ legacy }) => legacy);
}

function widthOf(indent: string, { tabSize }: FormatOptions): number {
  let width = 0;
  for (const char of indent) width += char === '\t' ? tabSize - (width % tabSize) : 1;
  return width;
}

function indentOf(width: number, { tabSize, insertSpaces }: FormatOptions): string {
  if (insertSpaces) return ' '.repeat(width);
  return '\t'.repeat(Math.floor(width / tabSize)) + ' '.repeat(width % tabSize);
}

/** Lines inside heredocs. */
function rawLines({ instructions, source }: DockerfileDocument): Set<number> {
  const { lines } = source;
  const raw = new Set<number>();
  for (const { content, terminator } of instructions.flatMap(({ heredocs }) => heredocs)) {
    const last = lines.lineAt(content.end) - (terminator !== undefined && content.end > content.start ? 1 : 0);
    for (let line = lines.lineAt(content.start); line <= last; line++) raw.add(line);
    if (terminator !== undefined) raw.add(lines.lineAt(terminator.start));
  }
  return raw;
}

/**
 * After a line break: the new line of an instruction that goes on is indented, the one behind its end is not. After the
 * escape character: the lines that now continue the instruction are.
 */
export function formatAfter(document: DockerfileDocument, offset: number, options: FormatOptions): TextEdit[] {
  const { text, source, escape } = document;
  const { lines } = source;
  const line = lines.lineAt(offset);
  const instruction = instructionAt(document, offset) ?? previousInstruction(document, offset);
  if (instruction === undefined || rawLines(document).has(line)) return [];
  if (text[offset - 1] === escape) {
    return text.slice(offset, lines.endOf(line)).trim() === '' ? indentation(document, instruction, options) : [];
  }
  const start = lines.startOf(line);
  const blank = /^[ \t]*/.exec(text.slice(start, lines.endOf(line)))?.[0] ?? '';
  if (line === 0 || start + blank.length < offset) return [];
  const above = text.slice(lines.startOf(line - 1), lines.endOf(line - 1));
  const continues = above.trimEnd().endsWith(escape) && !/^\s*#/.test(above);
  const wanted = continues ? aboveIndent(document, instruction, line, options) : '';
  const isInstruction = lines.lineAt(instruction.span.start) < line && !keepsWhiteSpace(instruction, escape);
  if (!isInstruction || wanted === blank || (!continues && blank.length < text.slice(start, lines.endOf(line)).length))
    return [];
  return [{ span: spanOf(start, start + blank.length), text: wanted }];
}

/** As the continuation line above, or one step where there is none. */
function aboveIndent(
  { text, source: { lines } }: DockerfileDocument,
  { span }: Instruction,
  line: number,
  options: FormatOptions,
): string {
  const isFirst = lines.lineAt(span.start) === line - 1;
  const above = /^[ \t]*/.exec(text.slice(lines.startOf(line - 1), lines.endOf(line - 1)))?.[0] ?? '';
  return isFirst ? indentOf(options.tabSize, options) : above;
}

function previousInstruction({ instructions }: DockerfileDocument, offset: number): Instruction | undefined {
  return instructions.findLast(({ span }) => span.start <= offset);
}
