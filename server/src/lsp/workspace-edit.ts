import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import type { FileEdit } from '../language.ts';
import { toLocation } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Session } from './session.ts';

/** Edits of several files. Clients that know versions refuse them when the open document has changed meanwhile. */
export function toWorkspaceEdit(
  open: OpenDocument,
  edits: readonly FileEdit[],
  { client, encoding }: Pick<Session, 'client' | 'encoding'>,
): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const edit of edits) {
    const { uri, range } = toLocation(open, edit, encoding);
    (changes[uri] ??= []).push({ range, newText: edit.newText });
  }
  if (client.workspace?.workspaceEdit?.documentChanges !== true) return { changes };
  return {
    documentChanges: Object.entries(changes).map(([uri, own]): TextDocumentEdit => {
      const version = uri === open.source.uri ? open.version : null;
      return { textDocument: { uri, version }, edits: own };
    }),
  };
}
