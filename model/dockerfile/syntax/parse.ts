import { append } from '#model/text/append.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import { splitFlags } from './flags.ts';
import { heredocOpeners, type HeredocOpener } from './heredocs.ts';
import { sourceSpan } from './joined-text.ts';
import { readJsonForm } from './json-form.ts';
import { createLineReader, type LineReader } from './line-reader.ts';
import { readDirectives } from './directives.ts';
import type { Comment, DockerfileTree, Heredoc, Instruction, JoinedText, SyntaxProblem } from './tree.ts';
import { unchangedIn } from './unchanged.ts';
import { isSpace, splitAtSpaces } from './words.ts';

interface Reading {
  readonly text: string;
  readonly escape: '\\' | '`';
  readonly lines: LineReader;
  readonly comments: Comment[];
  readonly problems: SyntaxProblem[];
}

/** Of all others a bracket is a part of the first word. */
const JSON_FORM = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'HEALTHCHECK', 'RUN', 'SHELL', 'VOLUME']);
const HEREDOC_KEYWORDS = new Set(['ADD', 'COPY', 'RUN']);

/**
 * Never throws: any text gives a tree.
 * @param previous the version before: up to the first change its instructions are taken over, the same objects
 */
export function parseDockerfile(text: string, previous?: DockerfileTree): DockerfileTree {
  const head = readDirectives(text);
  const { end, escape } = head;
  const isSameHead = previous?.escape === escape && previous.text.startsWith(text.slice(0, end));
  const kept = previous !== undefined && isSameHead ? unchangedIn(text, end, previous) : undefined;
  const lines = createLineReader(text, kept?.end ?? end);
  const comments = [...(kept?.comments ?? [])];
  const reading: Reading = { text, escape, lines, comments, problems: [...head.problems, ...(kept?.problems ?? [])] };
  const instructions: Instruction[] = [...(kept?.instructions ?? [])];
  while (lines.next()) {
    const start = firstNonSpace(text, lines.start, lines.end);
    if (start === lines.end) continue;
    if (text[start] === '#') reading.comments.push(commentAt(text, start, lines.end));
    else {
      const instruction = readInstruction(reading, start);
      if (instruction !== undefined) instructions.push(instruction);
    }
  }
  append(reading.problems, longLines(text, kept?.end ?? 0));
  return {
    text,
    escape,
    directives: head.directives,
    comments,
    instructions,
    problems: reading.problems,
  };
}

/** Bytes of a line that BuildKit's reader takes. */
const LONGEST_LINE = 65_535;
const MOST_BYTES = 3; // of a UTF-16 unit in UTF-8

function longLines(text: string, from: number): SyntaxProblem[] {
  if ((text.length - from) * MOST_BYTES <= LONGEST_LINE) return [];
  const problems: SyntaxProblem[] = [];
  const encoder = new TextEncoder();
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const mayBeLong = (end - start) * MOST_BYTES > LONGEST_LINE;
    if (mayBeLong && encoder.encode(text.slice(start, end)).length > LONGEST_LINE)
      problems.push({ code: 'line-too-long', span: spanOf(start, end), subject: String(LONGEST_LINE) });
    start = end + 1;
  }
  return problems;
}

function readInstruction(reading: Reading, start: number): Instruction | undefined {
  const { text, lines } = reading;
  const { joined, end, emptyContinuations } = joinLines(reading, start);
  if (joined.text.trim() === '') return undefined;
  // The first of the joined lines may hold nothing but the escape character.
  const at = firstNonSpace(joined.text, 0, joined.text.length);
  const bare = splitInstruction(joined, at, reading.escape);
  const heredocs = readHeredocs(reading, openersOf(bare));
  return {
    ...bare,
    headSpan: spanOf(start, end),
    span: spanOf(start, heredocs.length === 0 ? end : trimmedEnd(text, start, lines.end)),
    heredocs,
    emptyContinuations,
  };
}

/** Joins the line at `start` with those that continue it. */
function joinLines(
  reading: Reading,
  start: number,
): { readonly joined: JoinedText; readonly end: number; readonly emptyContinuations: Span[] } {
  const { text, lines, escape } = reading;
  const pieces = [{ at: 0, source: start }];
  const emptyContinuations: Span[] = [];
  let pendingEmpty: Span[] = [];
  let contentEnd = continuedAt(text, start, lines.end, escape);
  let joinedText = text.slice(start, contentEnd ?? lines.end);
  let end = lines.end;
  while (contentEnd !== undefined && lines.next()) {
    const first = firstNonSpace(text, lines.start, lines.end);
    if (first === lines.end) {
      pendingEmpty.push(spanOf(lines.start, lines.end));
      continue;
    }
    append(emptyContinuations, pendingEmpty);
    pendingEmpty = [];
    end = lines.end;
    if (text[first] === '#') {
      reading.comments.push(commentAt(text, first, lines.end));
      continue;
    }
    contentEnd = continuedAt(text, lines.start, lines.end, escape);
    pieces.push({ at: joinedText.length, source: lines.start });
    joinedText += text.slice(lines.start, contentEnd ?? lines.end);
  }
  append(
    emptyContinuations,
    pendingEmpty.filter((span) => span.end < text.length),
  );
  return { joined: { text: joinedText, pieces }, end: trimmedEnd(text, start, end), emptyContinuations };
}

/** Offset of the escape character that continues the line, or undefined when the line ends here. */
function continuedAt(text: string, start: number, end: number, escape: string): number | undefined {
  let last = end - 1;
  while (last >= start && (text[last] === ' ' || text[last] === '\t')) last--;
  if (last < start || text[last] !== escape) return undefined;
  return last > start && text[last - 1] === escape ? undefined : last;
}

type BareInstruction = Omit<Instruction, 'heredocs' | 'emptyContinuations'>;

/** Keyword, flags and arguments of the joined text from `at` on. */
function splitInstruction(joined: JoinedText, at: number, escape: string, isTrigger = false): BareInstruction {
  const { text } = joined;
  let nameEnd = at;
  while (nameEnd < text.length && !isSpace(text.charCodeAt(nameEnd))) nameEnd++;
  const name = text.slice(at, nameEnd);
  const keyword = name.toUpperCase();
  const { flags, bodyStart } = splitFlags(joined, nameEnd, escape);
  let bodyEnd = text.length;
  while (bodyEnd > bodyStart && isSpace(text.charCodeAt(bodyEnd - 1))) bodyEnd--;
  const span = sourceSpan(joined, at, text.length);
  const commandStart = keyword === 'HEALTHCHECK' ? afterFirstWord(text, bodyStart) : bodyStart;
  const { json, otherThanStrings } = JSON_FORM.has(keyword)
    ? readJsonForm(joined, commandStart, bodyEnd)
    : { json: undefined, otherThanStrings: false };
  // A trigger has none itself: ONBUILD ONBUILD is refused.
  const hasTrigger = keyword === 'ONBUILD' && bodyStart < bodyEnd && !isTrigger;
  return {
    keyword,
    name,
    nameSpan: sourceSpan(joined, at, nameEnd),
    span,
    headSpan: span,
    flags,
    joined,
    bodyStart,
    bodyEnd,
    words: splitAtSpaces(joined, bodyStart, bodyEnd),
    json,
    jsonHasOtherThanStrings: otherThanStrings,
    trigger: hasTrigger ? triggerOf(joined, bodyStart, escape) : undefined,
  };
}

function triggerOf(joined: JoinedText, at: number, escape: string): Instruction {
  return { ...splitInstruction(joined, at, escape, true), heredocs: [], emptyContinuations: [] };
}

function afterFirstWord(text: string, at: number): number {
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function openersOf(instruction: BareInstruction): HeredocOpener[] {
  const opening = instruction.trigger ?? instruction;
  if (!HEREDOC_KEYWORDS.has(opening.keyword) || opening.json !== undefined) return [];
  return heredocOpeners(opening.joined, opening.bodyStart, opening.bodyEnd);
}

function readHeredocs(reading: Reading, openers: readonly HeredocOpener[]): Heredoc[] {
  const { text, lines } = reading;
  return openers.map((opener) => {
    const start = Math.min(lines.end + (text[lines.end] === '\r' ? 2 : 1), text.length);
    while (lines.next()) {
      let first = lines.start;
      while (opener.chomp && text[first] === '\t') first++;
      if (text.slice(first, lines.end) !== opener.name) continue;
      return { ...opener, content: spanOf(start, lines.start), terminator: spanOf(first, lines.end) };
    }
    reading.problems.push({ code: 'unterminated-heredoc', span: opener.opener, subject: opener.name });
    return { ...opener, content: spanOf(start, text.length), terminator: undefined };
  });
}

function firstNonSpace(text: string, start: number, end: number): number {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  return start;
}

function trimmedEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

function commentAt(text: string, start: number, end: number): Comment {
  return { span: spanOf(start, end), text: text.slice(start + 1, end).trim() };
}
