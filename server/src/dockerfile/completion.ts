import { type Span, spanOf } from '#model/text/span.ts';
import type { Completion, ImageQuery } from '../language.ts';
import { completeArguments } from './complete-arguments.ts';
import { completeComment } from './complete-comment.ts';
import { completeFlagNames, completeFlagValue } from './complete-flags.ts';
import { completeHeredoc } from './complete-shell.ts';
import { completeVariables } from './complete-variables.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { INSTRUCTIONS } from './instructions.ts';

export const TRIGGER_CHARACTERS = ['-', '=', '$', '{', ',', '/', '#', ':'];

export function complete(document: DockerfileDocument, offset: number): Completion[] {
  const line = lineBefore(document, offset);
  if (isInHeredoc(document, offset)) return completeHeredoc(document, offset);
  if (/^\s*#/.test(line)) return completeComment(document, offset, line.trimStart());
  const cursor = cursorAt(document, offset);
  if (cursor.instruction === undefined)
    return /^\s*\w*$/.test(line) ? instructionKeywords(document, cursor.wordSpan) : [];
  return completeVariables(document, cursor) ?? inInstruction(document, cursor);
}

/** Where an image may stand: after FROM, and after `from=` where no stage is meant. */
export function imageAt(document: DockerfileDocument, offset: number): ImageQuery | undefined {
  const { keyword, word, wordSpan, before, inFlags } = cursorAt(document, offset);
  const isFlag = inFlags && word.startsWith('--');
  const start = isFlag ? /^--(?:from=|mount=(?:.*,)?from=)/.exec(word)?.[0].length : 0;
  const takesImage = isFlag ? keyword === 'COPY' || keyword === 'RUN' : keyword === 'FROM' && before.length === 0;
  const prefix = word.slice(start ?? 0);
  if (!takesImage || start === undefined || !/^[\w./:-]*$/.test(prefix)) return undefined;
  const tagAt = prefix.lastIndexOf(':') > prefix.lastIndexOf('/') ? prefix.lastIndexOf(':') + 1 : 0;
  return { prefix, span: spanOf(wordSpan.start + start + tagAt, wordSpan.end) };
}

function inInstruction(document: DockerfileDocument, cursor: Cursor): Completion[] {
  if (cursor.inFlags && cursor.word.startsWith('-')) {
    return cursor.word.includes('=') ? completeFlagValue(document, cursor) : completeFlagNames(cursor);
  }
  if (cursor.keyword === 'ONBUILD' && cursor.before.length === 0) {
    return instructionKeywords(document, cursor.wordSpan).filter(({ label }) => !NOT_TRIGGERS.has(label));
  }
  const own = completeArguments(document, cursor);
  if (!cursor.inFlags || cursor.word !== '') return own;
  return [...own, ...completeFlagNames(cursor).map((flag) => ({ ...flag, rank: BEHIND_ALL }))];
}

const BEHIND_ALL = 20;

const NOT_TRIGGERS: ReadonlySet<string> = new Set(['FROM', 'MAINTAINER', 'ONBUILD']);

/** In the case that the file uses. */
function instructionKeywords({ instructions }: DockerfileDocument, span: Span): Completion[] {
  const lower = instructions.filter(({ name }) => name === name.toLowerCase()).length > instructions.length / 2;
  return Object.entries(INSTRUCTIONS).map(([keyword, { summary, forms, snippet }]) => ({
    label: lower ? keyword.toLowerCase() : keyword,
    kind: 'keyword',
    detail: forms[0] ?? '',
    documentation: summary,
    span,
    text: lower ? snippet.replace(keyword, keyword.toLowerCase()) : snippet,
    snippet: true,
    rank: keyword === 'FROM' && instructions.length === 0 ? 0 : 1,
    ...(keyword === 'MAINTAINER' ? { deprecated: true, rank: BEHIND_ALL } : {}),
  }));
}

function lineBefore({ text, source }: DockerfileDocument, offset: number): string {
  return text.slice(source.lines.startOf(source.lines.lineAt(offset)), offset);
}

function isInHeredoc({ instructions }: DockerfileDocument, offset: number): boolean {
  return instructions.some(({ heredocs }) =>
    heredocs.some(({ content }) => offset >= content.start && offset <= content.end && content.end > content.start),
  );
}
