/** Diagnostics, pushed shortly after the last change of a document. */
import type { Connection, Diagnostic } from 'vscode-languageserver/node';
import { describeFailure } from './answers.ts';
import { toDiagnostic } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Settings } from '../settings.ts';

/** After this much quiet: about the time between two keys of somebody who types fast. */
const DEBOUNCE_MS = 50;

export function diagnose(open: OpenDocument, settings: Settings, rulePages: string): Diagnostic[] {
  const findings = open.language.diagnose(open.document, settings);
  return findings.map((finding) => toDiagnostic(open.positions, finding, rulePages));
}

export interface DiagnosticsPusher {
  /** Computes and sends the document's diagnostics soon, the first time at once; a later call replaces this one. */
  schedule(uri: string): void;
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
