/** The features that answer a question about a document: each handler converts, calls the language, converts back. */
import {
  DocumentHighlightKind,
  FoldingRangeKind,
  MarkupKind,
  SemanticTokensBuilder,
  type Connection,
  type Position,
  type TextDocumentIdentifier,
  type TextEdit,
} from 'vscode-languageserver/node';
import { TOKEN_TYPES, type Occurrence, type RangeEdit, type SemanticToken } from '../language.ts';
import { toCompletion, toEdit, toRange, toSymbol } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';

type At = { readonly textDocument: TextDocumentIdentifier; readonly position: Position };

export function registerRequests(connection: Connection, open: (uri: string) => OpenDocument | undefined): void {
  registerPointed(connection, open);
  registerWhole(connection, open);
}

/** Questions about one place. */
function registerPointed(connection: Connection, open: (uri: string) => OpenDocument | undefined): void {
  const at = <T>(ask: (open: OpenDocument, offset: number) => T | undefined) => {
    return ({ textDocument, position }: At): T | null => {
      const found = open(textDocument.uri);
      return (found === undefined ? undefined : ask(found, found.source.lines.offsetAt(position))) ?? null;
    };
  };
  connection.onCompletion(
    at(({ language, document, source }, offset) =>
      language.completion?.complete(document, offset).map((item) => toCompletion(source.lines, item)),
    ),
  );
  connection.onHover(
    at(({ language, document, source }, offset) => {
      const hover = language.hover?.(document, offset);
      if (hover === undefined) return undefined;
      const contents = { kind: MarkupKind.Markdown, value: hover.markdown };
      return { contents, range: toRange(source.lines, hover.span) };
    }),
  );
  connection.onSignatureHelp(
    at(({ language, document }, offset) => {
      const signature = language.signatures?.signature(document, offset);
      if (signature === undefined) return undefined;
      const { label, documentation, parameters, active } = signature;
      const listed = parameters.map((parameter) => ({ ...parameter }));
      return {
        signatures: [{ label, documentation, parameters: listed }],
        activeSignature: 0,
        activeParameter: active,
      };
    }),
  );
  connection.onDefinition(at(({ language, document }, offset) => language.definition?.(document, offset)));
  connection.onReferences((params) =>
    at(({ source, ...found }, offset) => {
      const wanted = occurrencesAt({ source, ...found }, offset).filter(
        ({ kind }) => params.context.includeDeclaration || kind === 'use',
      );
      return wanted.map(({ span }) => ({ uri: source.uri, range: toRange(source.lines, span) }));
    })(params),
  );
  connection.onDocumentHighlight(
    at((found, offset) =>
      occurrencesAt(found, offset).map(({ span, kind }) => ({
        range: toRange(found.source.lines, span),
        kind: kind === 'definition' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
      })),
    ),
  );
  connection.onPrepareRename(
    at(({ language, document, source }, offset) => {
      const span = language.renaming?.prepare(document, offset);
      return span === undefined ? undefined : toRange(source.lines, span);
    }),
  );
  connection.onRenameRequest((params) =>
    at(({ language, document }, offset) => {
      const edits = language.renaming?.rename(document, offset, params.newName);
      return edits === undefined ? undefined : { changes: changesOf(edits) };
    })(params),
  );
}

function changesOf(edits: readonly RangeEdit[]): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const { uri, range, text } of edits) (changes[uri] ??= []).push({ range, newText: text });
  return changes;
}

function occurrencesAt({ language, document }: OpenDocument, offset: number): Occurrence[] {
  return language.occurrences?.(document, offset) ?? [];
}

/** Questions about the whole document. */
function registerWhole(connection: Connection, open: (uri: string) => OpenDocument | undefined): void {
  const about = <T>(ask: (open: OpenDocument) => T | undefined) => {
    return ({ textDocument }: { readonly textDocument: TextDocumentIdentifier }): T | null => {
      const found = open(textDocument.uri);
      return (found === undefined ? undefined : ask(found)) ?? null;
    };
  };
  connection.onDocumentSymbol(
    about(({ language, document, source }) => language.symbols?.(document).map((one) => toSymbol(source.lines, one))),
  );
  connection.onFoldingRanges(
    about(({ language, document }) =>
      language.folding?.(document).map(({ startLine, endLine, comment }) => ({
        startLine,
        endLine,
        ...(comment ? { kind: FoldingRangeKind.Comment } : {}),
      })),
    ),
  );
  connection.onDocumentLinks(
    about(({ language, document, source }) =>
      language.links?.(document).map(({ span, target, tooltip }) => ({
        range: toRange(source.lines, span),
        target,
        tooltip,
      })),
    ),
  );
  connection.onDocumentFormatting(
    about(({ language, document, source }) => language.format?.(document).map((edit) => toEdit(source.lines, edit))),
  );
  connection.languages.semanticTokens.on(({ textDocument }) => {
    const found = open(textDocument.uri);
    const tokens = found?.language.tokens?.(found.document) ?? [];
    return { data: found === undefined ? [] : encodeTokens(found, tokens) };
  });
}

/** Tokens over several lines are cut at line breaks, as the protocol asks. */
function encodeTokens({ source }: OpenDocument, tokens: readonly SemanticToken[]): number[] {
  const { lines } = source;
  const builder = new SemanticTokensBuilder();
  for (const { span, type } of [...tokens].sort((a, b) => a.span.start - b.span.start)) {
    for (let line = lines.lineAt(span.start); line <= lines.lineAt(span.end); line++) {
      const start = Math.max(span.start, lines.startOf(line));
      const end = Math.min(span.end, lines.endOf(line));
      if (end > start) builder.push(line, start - lines.startOf(line), end - start, TOKEN_TYPES.indexOf(type), 0);
    }
  }
  return builder.build().data;
}
