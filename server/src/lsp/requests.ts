/** The features that answer a question about one place of a document: each converts, calls the language, converts back. */
import {
  DocumentHighlightKind,
  MarkupKind,
  ResponseError,
  ErrorCodes,
  type Connection,
  type SelectionRange,
} from 'vscode-languageserver/node';
import type { Occurrence } from '../language.ts';
import type { Answers } from './answers.ts';
import { toLocation, toRange } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Session } from './session.ts';
import { toWorkspaceEdit } from './workspace-edit.ts';

export function registerRequests(connection: Connection, answers: Answers, session: Session): void {
  const { at } = answers;
  connection.onHover(
    at(({ language, document, positions }, offset) => {
      const hover = language.hover?.(document, offset);
      if (hover === undefined) return undefined;
      const contents = { kind: hoverFormat(session), value: hover.markdown };
      return { contents, range: toRange(positions, hover.span) };
    }),
  );
  connection.onSignatureHelp(
    at(({ language, document }, offset) => {
      const signature = language.signatures?.signature(document, offset);
      if (signature === undefined) return undefined;
      const { label, parameters, active } = signature;
      const listed = parameters.map((parameter) => ({ ...parameter }));
      const documentation = { kind: signatureFormat(session), value: signature.documentation };
      return {
        signatures: [{ label, documentation, parameters: listed }],
        activeSignature: 0,
        activeParameter: active,
      };
    }),
  );
  connection.onDefinition(
    at((open, offset) =>
      open.language.definition?.(open.document, offset).map((one) => toLocation(open, one, session.encoding)),
    ),
  );
  connection.onReferences(
    at((open, offset, { context }) => {
      const isWanted = ({ kind }: Occurrence): boolean => context.includeDeclaration || kind === 'use';
      const { source, language, document } = open;
      const elsewhere = language.occurrencesElsewhere?.(document, offset) ?? [];
      const here = occurrencesAt(open, offset).map((one) => ({ ...one, uri: source.uri, text: source.text }));
      return [...here, ...elsewhere].filter(isWanted).map((one) => toLocation(open, one, session.encoding));
    }),
  );
  connection.onDocumentHighlight(
    at((open, offset) =>
      occurrencesAt(open, offset).map(({ span, kind }) => ({
        range: toRange(open.positions, span),
        kind: kind === 'definition' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      })),
    ),
  );
  connection.onSelectionRanges(
    answers.about((open, { positions }) =>
      positions.map((position) => selectionAt(open, open.positions.offsetAt(position))),
    ),
  );
  registerRenaming(connection, answers, session);
}

function registerRenaming(connection: Connection, { at }: Answers, session: Session): void {
  connection.onPrepareRename(
    at(({ language, document, positions }, offset) => {
      const span = language.renaming?.prepare(document, offset);
      return span === undefined ? undefined : toRange(positions, span);
    }),
  );
  connection.onRenameRequest(
    at((open, offset, { newName }) => {
      const { renaming } = open.language;
      if (renaming?.prepare(open.document, offset) === undefined) return undefined;
      const problem = renaming.problemOf(open.document, offset, newName);
      if (problem !== undefined) return new ResponseError<void>(ErrorCodes.InvalidParams, problem);
      return toWorkspaceEdit(open, renaming.rename(open.document, offset, newName), session);
    }),
  );
}

function hoverFormat({ client }: Session): MarkupKind {
  return preferred(client.textDocument?.hover?.contentFormat);
}

function signatureFormat({ client }: Session): MarkupKind {
  return preferred(client.textDocument?.signatureHelp?.signatureInformation?.documentationFormat);
}

function preferred(formats: readonly MarkupKind[] | undefined): MarkupKind {
  return formats === undefined || formats.includes(MarkupKind.Markdown) ? MarkupKind.Markdown : MarkupKind.PlainText;
}

function occurrencesAt({ language, document }: OpenDocument, offset: number): Occurrence[] {
  return language.occurrences?.(document, offset) ?? [];
}

/** Where a language knows nothing better it is the caret itself: the protocol wants one answer for each position. */
function selectionAt({ language, document, positions }: OpenDocument, offset: number): SelectionRange {
  const spans = language.selection?.(document, offset) ?? [];
  const outside = spans.toReversed().reduce<SelectionRange | undefined>((parent, span) => {
    const range = toRange(positions, span);
    return parent === undefined ? { range } : { range, parent };
  }, undefined);
  return outside ?? { range: toRange(positions, { start: offset, end: offset }) };
}
