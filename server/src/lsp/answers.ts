/** What every request handler does: finds the document, answers null where there is nothing, and fails alone. */
import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  type Position,
  ResponseError,
  type TextDocumentIdentifier,
} from 'vscode-languageserver/node';
import type { OpenDocument } from './open-documents.ts';

type InDocument = { readonly textDocument: TextDocumentIdentifier };
type At = InDocument & { readonly position: Position };
type Handler<P, T> = (params: P, token: CancellationToken) => T | null | ResponseError<void>;

export interface Answers {
  /** For requests about one place of a document. */
  at<P extends At, T>(ask: (open: OpenDocument, offset: number, params: P) => T | undefined): Handler<P, T>;
  /** For requests about a whole document. */
  about<P extends InDocument, T>(ask: (open: OpenDocument, params: P) => T | undefined): Handler<P, T>;
  /** For any other request. */
  any<P, T>(ask: (params: P) => T | undefined): Handler<P, T>;
}

/**
 * A request that was cancelled while it waited is not looked at. A feature that fails is told in the client's log, with
 * its place in our sources, and answers null: the others go on.
 */
export function createAnswers(connection: Connection, open: (uri: string) => OpenDocument | undefined): Answers {
  const any = <P, T>(ask: (params: P) => T | undefined): Handler<P, T> => {
    return (params, token) => {
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      try {
        return ask(params) ?? null;
      } catch (error) {
        connection.console.error(`a feature failed: ${describeFailure(error)}`);
        return null;
      }
    };
  };
  const about = <P extends InDocument, T>(ask: (found: OpenDocument, params: P) => T | undefined): Handler<P, T> =>
    any((params: P) => {
      const found = open(params.textDocument.uri);
      return found === undefined ? undefined : ask(found, params);
    });
  return {
    any,
    about,
    at: (ask) => about((found, params) => ask(found, found.positions.offsetAt(params.position), params)),
  };
}

/** For the log: with the stack, which is long when recursion was too deep. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 2000) : String(error);
}
