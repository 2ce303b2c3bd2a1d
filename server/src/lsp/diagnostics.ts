/** Diagnostics, pushed shortly after the last change of a document. */
import type { Connection, Diagnostic } from 'vscode-languageserver/node';
import { describeFailure } from './answers.ts';
import type { OpenDocument } from './open-documents.ts';

/** After this much quiet: about the time between two keys of somebody who types fast. */
const DEBOUNCE_MS = 50;

export interface DiagnosticsPusher {
  /** Computes and sends the document's diagnostics soon, the first time at once; a later call replaces this one. */
  schedule(uri: string): void;
  /** The same without delay. */
  push(uri: string): void;
  /** Takes the document's diagnostics out of the editor. */
  clear(uri: string): void;
}

/** @param current the document as it is when the time has come; stale versions are never looked at */
export function createDiagnosticsPusher(
  connection: Connection,
  current: (uri: string) => OpenDocument | undefined,
  diagnosticsOf: (open: OpenDocument) => Diagnostic[],
): DiagnosticsPusher {
  const waiting = new Map<string, NodeJS.Timeout>();
  const shown = new Set<string>();
  const push = (uri: string): void => {
    waiting.delete(uri);
    try {
      const open = current(uri);
      if (open === undefined) return;
      shown.add(uri);
      void connection.sendDiagnostics({ uri, version: open.version, diagnostics: diagnosticsOf(open) });
    } catch (error) {
      connection.console.error(`diagnostics of ${uri}: ${describeFailure(error)}`);
    }
  };
  return {
    push(uri) {
      clearTimeout(waiting.get(uri));
      push(uri);
    },
    schedule(uri) {
      clearTimeout(waiting.get(uri));
      waiting.set(uri, setTimeout(push, shown.has(uri) ? DEBOUNCE_MS : 0, uri));
    },
    clear(uri) {
      clearTimeout(waiting.get(uri));
      waiting.delete(uri);
      shown.delete(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
    },
  };
}
