/** Semantic tokens: all, those that changed since the last answer, and those of a range. */
import type { Connection, SemanticTokens, SemanticTokensEdit } from 'vscode-languageserver/node';
import { type SemanticToken, TOKEN_TYPES } from '../language.ts';
import type { Answers } from './answers.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Positions } from './positions.ts';

interface Sent {
  readonly resultId: string;
  readonly data: readonly number[];
}

/** @returns forgets what a document was answered, when it is closed */
export function registerSemanticTokens(connection: Connection, { about }: Answers): (uri: string) => void {
  const sent = new Map<string, Sent>();
  let answers = 0;
  const answer = (uri: string, data: number[]): SemanticTokens & { resultId: string } => {
    const resultId = String(++answers);
    sent.set(uri, { resultId, data });
    return { resultId, data };
  };
  connection.languages.semanticTokens.on(about((open) => answer(open.source.uri, allTokens(open))));
  connection.languages.semanticTokens.onDelta(
    about((open, { previousResultId }) => {
      const { uri } = open.source;
      const previous = sent.get(uri);
      const { resultId, data } = answer(uri, allTokens(open));
      if (previous?.resultId !== previousResultId) return { resultId, data };
      return { resultId, edits: tokenEdits(previous.data, data) };
    }),
  );
  connection.languages.semanticTokens.onRange(
    about((open, { range }) => {
      const [from, to] = [open.positions.offsetAt(range.start), open.positions.offsetAt(range.end)];
      const inside = tokensOf(open).filter(({ span }) => span.end > from && span.start < to);
      return { data: encodeTokens(open.positions, inside) };
    }),
  );
  return (uri) => sent.delete(uri);
}

function tokensOf({ language, document }: OpenDocument): SemanticToken[] {
  return language.tokens?.(document) ?? [];
}

function allTokens(open: OpenDocument): number[] {
  return encodeTokens(open.positions, tokensOf(open));
}

/** Five numbers for each token. Tokens over several lines are cut at line breaks, as the protocol asks. */
export function encodeTokens(positions: Positions, tokens: readonly SemanticToken[]): number[] {
  const data: number[] = [];
  let previousLine = 0;
  let previousStart = 0;
  for (const { span, type } of [...tokens].sort((a, b) => a.span.start - b.span.start)) {
    const last = positions.positionAt(span.end).line;
    for (let { line } = positions.positionAt(span.start); line <= last; line++) {
      const start = Math.max(span.start, positions.startOf(line));
      const length = positions.unitsIn(start, Math.max(start, Math.min(span.end, positions.endOf(line))));
      if (length === 0) continue;
      const { character } = positions.positionAt(start);
      const sameLine = line === previousLine;
      data.push(
        line - previousLine,
        sameLine ? character - previousStart : character,
        length,
        TOKEN_TYPES.indexOf(type),
        0,
      );
      previousLine = line;
      previousStart = character;
    }
  }
  return data;
}

/** One edit between what is the same at the start and at the end; none when nothing changed. */
export function tokenEdits(before: readonly number[], after: readonly number[]): SemanticTokensEdit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return [];
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [{ start, deleteCount: before.length - end - start, data: after.slice(start, after.length - end) }];
}
