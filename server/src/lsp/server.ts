import { DocumentDiagnosticReportKind, TextDocuments, type Connection } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { capabilitiesOf, pullsDiagnostics } from './capabilities.ts';
import { codeActions } from './code-actions.ts';
import { createDiagnosticsPusher, diagnose } from './diagnostics.ts';
import { createOpenDocuments, type OpenDocument } from './open-documents.ts';
import { registerRequests } from './requests.ts';
import { beginSession, createSession, type Session, subscribe, updateSettings } from './session.ts';

export interface ServerOptions {
  readonly languages: readonly Language<unknown>[];
  readonly files: Files;
  /** URL of the folder with the rules' pages, with a slash at the end; the client may name another. */
  readonly rulePages: string;
}

/** Connects the languages to an editor; returns when listening. */
export function startServer(connection: Connection, { languages, files, rulePages }: ServerOptions): void {
  const session = createSession(rulePages);
  const texts = new TextDocuments(TextDocument);
  const documents = createOpenDocuments(languages, files, (uri) => texts.get(uri));
  const open = (uri: string) => documents.parsed(uri);
  const diagnosticsOf = (found: OpenDocument) => diagnose(found, session.settings, session.rulePages);
  const pusher = createDiagnosticsPusher(connection, open, diagnosticsOf);
  const pulls = (): boolean => pullsDiagnostics(session.client);

  const diagnoseAll = (): void => {
    if (!pulls()) for (const uri of texts.keys()) pusher.schedule(uri);
    else if (session.client.workspace?.diagnostics?.refreshSupport === true)
      void connection.languages.diagnostics.refresh();
  };
  registerLifecycle(connection, session, languages, diagnoseAll);
  connection.onDidChangeWatchedFiles(() => {
    documents.forgetAll();
    diagnoseAll();
  });
  texts.onDidChangeContent(({ document: { uri } }) => {
    // A Compose file is a part of the projects of others: they are looked at again.
    const isShared = texts.keys().length > 1 && open(uri)?.language.name === 'compose';
    if (isShared) documents.forgetAll();
    if (pulls()) return; // the client asks again by itself
    for (const one of isShared ? texts.keys() : [uri]) pusher.schedule(one);
  });
  texts.onDidClose(({ document: { uri } }) => pulls() || pusher.clear(uri));
  connection.languages.diagnostics.on(({ textDocument }) => {
    const found = open(textDocument.uri);
    return { kind: DocumentDiagnosticReportKind.Full, items: found === undefined ? [] : diagnosticsOf(found) };
  });
  connection.onCodeAction((params) => {
    const found = open(params.textDocument.uri);
    if (found === undefined) return [];
    return codeActions(found, found.language.diagnose(found.document, session.settings), params, session.rulePages);
  });
  registerRequests(connection, open);
  texts.listen(connection);
  connection.listen();
}

function registerLifecycle(
  connection: Connection,
  session: Session,
  languages: readonly Language<unknown>[],
  diagnoseAll: () => void,
): void {
  connection.onInitialize(({ capabilities, initializationOptions }) => {
    beginSession(session, capabilities, initializationOptions);
    return { capabilities: capabilitiesOf(languages, capabilities), serverInfo: { name: 'slipway' } };
  });
  connection.onInitialized(async () => {
    await subscribe(session, connection);
    await updateSettings(session, connection);
    diagnoseAll();
  });
  connection.onDidChangeConfiguration(async ({ settings }) => {
    await updateSettings(session, connection, settings);
    diagnoseAll();
  });
}
