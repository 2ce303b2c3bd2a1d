/** Diagnostics that the client asks for, of one document and of the whole workspace; what has not changed is not sent again. */
import {
  type Connection,
  type Diagnostic,
  type DiagnosticServerCancellationData,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
  type ResultProgressReporter,
  type WorkspaceDiagnosticReportPartialResult,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { pathToFileURL } from 'node:url';
import { type Answers, describeFailure } from './answers.ts';
import { inTurn } from './closed-documents.ts';
import type { OpenDocument } from './open-documents.ts';

interface Reported {
  readonly resultId: string;
  /** As JSON: what is equal is the same answer. */
  readonly items: string;
}

export interface PulledDiagnosticsOptions {
  readonly answers: Answers;
  readonly isOpen: (uri: string) => boolean;
  readonly paths: () => readonly string[];
  /** Of a file that is not open. */
  readonly documentOf: (path: string) => OpenDocument | undefined;
  readonly diagnosticsOf: (open: OpenDocument) => Diagnostic[];
  /** Open documents whose diagnostics depend on this one; none for a client that takes no others along. */
  readonly dependents: (uri: string) => readonly OpenDocument[];
  /** Are files that are not open wanted, too? */
  readonly isWanted: () => boolean;
  /** Another value whenever something changed that the diagnostics may depend on; undefined when that is not known. */
  readonly state: () => number | undefined;
}

/** Not everything that diagnostics depend on is told: after this time all files are looked at again. */
const TRUSTED_MS = 30_000;

/** @returns forgets what was reported about a document, when it is closed */
export function registerPulledDiagnostics(
  connection: Connection,
  { answers, isOpen, paths, documentOf, diagnosticsOf, dependents, isWanted, state }: PulledDiagnosticsOptions,
): (uri: string) => void {
  const reported = new Map<string, Reported>();
  let reports = 0;
  let answered: { readonly state: number | undefined; readonly until: number } = { state: undefined, until: 0 };
  const report = (uri: string, diagnostics: Diagnostic[], previousResultId: string | undefined) => {
    const items = JSON.stringify(diagnostics);
    const last = reported.get(uri);
    if (last !== undefined && last.items === items && last.resultId === previousResultId) {
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: last.resultId } as const;
    }
    const resultId = last?.items === items ? last.resultId : String(++reports);
    reported.set(uri, { resultId, items });
    return { kind: DocumentDiagnosticReportKind.Full, resultId, items: diagnostics } as const;
  };
  const ofDocument = answers.about((open, { previousResultId }: { previousResultId?: string } & InDocument) =>
    report(open.source.uri, diagnosticsOf(open), previousResultId),
  );
  connection.languages.diagnostics.on((params, token): DocumentDiagnosticReport | Cancelled => {
    const answer = ofDocument(params, token) ?? { kind: DocumentDiagnosticReportKind.Full, items: [] };
    if (answer instanceof ResponseError) return cancelled();
    const related = relatedTo(params.textDocument.uri);
    return related.length === 0 ? answer : { ...answer, relatedDocuments: Object.fromEntries(related) };
  });
  /** Reports that are no longer what was reported. */
  const relatedTo = (uri: string) =>
    dependents(uri).flatMap((open) => {
      const last = reported.get(open.source.uri);
      const next = last === undefined ? undefined : report(open.source.uri, diagnosticsOf(open), last.resultId);
      return next?.kind === DocumentDiagnosticReportKind.Full ? [[open.source.uri, next] as const] : [];
    });
  connection.languages.diagnostics.onWorkspace(async ({ previousResultIds }, token, work, partial) => {
    // Clients ask every two seconds: that costs nothing while there is nothing new.
    const now = state();
    if (now !== undefined && now === answered.state && performance.now() < answered.until) return { items: [] };
    const previous = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
    const { items, add } = createReports(partial);
    const all = isWanted() ? paths() : [];
    let looked = 0;
    work.begin('Checking files', 0, undefined, true);
    for await (const path of inTurn(all, token)) {
      if (++looked % BATCH === 0) work.report(Math.floor((looked * 100) / all.length), `${looked} of ${all.length}`);
      const uri = pathToFileURL(path).href;
      if (isOpen(uri)) continue; // asked for by itself, in its newest version
      try {
        const open = documentOf(path);
        if (open !== undefined) add({ uri, version: null, ...report(uri, diagnosticsOf(open), previous.get(uri)) });
      } catch (error) {
        connection.console.error(`diagnostics of ${path}: ${describeFailure(error)}`);
      }
      previous.delete(uri);
    }
    work.done();
    if (token.isCancellationRequested) return cancelled();
    // What was reported and is gone.
    for (const uri of previous.keys()) {
      if (!isOpen(uri)) add({ uri, version: null, kind: DocumentDiagnosticReportKind.Full, items: [] });
    }
    answered = { state: now, until: performance.now() + TRUSTED_MS };
    return { items: items() };
  });
  return (uri) => reported.delete(uri);
}

/** How many files' reports go together. */
const BATCH = 20;

interface Reports {
  add(report: WorkspaceDocumentDiagnosticReport): void;
  /** Those that have not been sent. */
  items(): WorkspaceDocumentDiagnosticReport[];
}

/** A client that takes results bit by bit gets them so. */
function createReports(partial: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined): Reports {
  let waiting: WorkspaceDocumentDiagnosticReport[] = [];
  return {
    add(report) {
      waiting.push(report);
      if (partial === undefined || waiting.length < BATCH) return;
      partial.report({ items: waiting });
      waiting = [];
    },
    items: () => waiting,
  };
}

type Cancelled = ResponseError<DiagnosticServerCancellationData>;

function cancelled(): Cancelled {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled', { retriggerRequest: false });
}

type InDocument = { readonly textDocument: { readonly uri: string } };
