import { TextDocuments, type Connection } from 'vscode-languageserver/node';
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { runShellCheck } from '../shellcheck/run-shellcheck.ts';
import { createShellChecker } from '../shellcheck/shell-checker.ts';
import { type Answers, createAnswers, describeFailure } from './answers.ts';
import { capabilitiesOf, pullsDiagnostics } from './capabilities.ts';
import { closedDocument } from './closed-documents.ts';
import { registerCodeActions } from './code-action-requests.ts';
import { registerCompletions } from './completions.ts';
import { toDiagnostic, tooLong } from './convert.ts';
import { createDiagnosticsPusher } from './diagnostics.ts';
import { pathOfUri } from './file-uri.ts';
import { createFindings } from './findings.ts';
import { createImageSource } from './image-source.ts';
import { TOO_LONG } from '../too-long.ts';
import { createOpenDocuments, type OpenDocument } from './open-documents.ts';
import { createOpenText, type OpenText, updateOpenText } from './open-text.ts';
import { registerPulledDiagnostics } from './pulled-diagnostics.ts';
import { registerRequests } from './requests.ts';
import { registerSemanticTokens } from './semantic-tokens.ts';
import { beginSession, createSession, type Session, subscribe, updateSettings, watchesFiles } from './session.ts';
import { registerWholeDocument } from './whole-document.ts';
import { createWorkspaceFiles } from './workspace-files.ts';
import { registerWorkspaceSymbols } from './workspace-symbols.ts';

export interface ServerOptions {
  readonly languages: readonly Language<unknown>[];
  readonly files: Files;
  /** URL of the folder with the rules' pages, with a slash at the end; the client may name another. */
  readonly rulePages: string;
}

/** What the editor has open, and what lies beside that on the disk. */
function createDocuments(connection: Connection, { languages, files }: ServerOptions, session: Session) {
  const texts = new TextDocuments<OpenText>({
    create: (uri, languageId, version, text) => createOpenText(uri, languageId, version, text, session.encoding),
    update: (document, changes, version) => updateOpenText(document, changes, version, session.encoding),
  });
  const ruleFailed = (rule: string, error: unknown): void =>
    connection.console.error(`the rule ${rule} failed: ${describeFailure(error)}`);
  const workspace = createWorkspaceFiles(files, languages, () => session.folders);
  const documents = createOpenDocuments({
    languages,
    disk: files,
    opened: (uri) => texts.get(uri),
    all: () => texts.all(),
    workspace: () => workspace.paths(),
    ruleFailed,
  });
  return {
    texts,
    workspace,
    documents,
    open: (uri: string) => documents.parsed(uri),
    isOpen: (uri: string): boolean => texts.get(uri) !== undefined,
    closed: (path: string) => closedDocument(path, files, languages, session.encoding, ruleFailed),
  };
}

/** Connects the languages to an editor; returns when listening. */
export function startServer(connection: Connection, options: ServerOptions): void {
  const session = createSession(options.rulePages);
  const { texts, workspace, documents, open, isOpen, closed } = createDocuments(connection, options, session);
  const failed = (error: unknown): void => connection.console.warn(`shellcheck: ${describeFailure(error)}`);
  const findings = createFindings(session, createShellChecker(runShellCheck, failed), (uri) => {
    if (pulls()) refresh();
    else pusher.push(uri);
  });
  /** What diagnostics of closed files may depend on has changed so often. */
  let changes = 0;
  const changed = (): void => void changes++;
  const diagnosticsOf = (found: OpenDocument) => {
    if (found.language === TOO_LONG) return [tooLong(found)];
    if (isOpen(found.source.uri)) findings.checkScripts(found);
    return findings.of(found).map((finding) => toDiagnostic(found.positions, finding, session.rulePages));
  };
  const answers = createAnswers(connection, open);
  const pusher = createDiagnosticsPusher(connection, open, diagnosticsOf);
  const pulls = (): boolean => pullsDiagnostics(session.client);

  const refresh = (): void => {
    changed();
    if (session.client.workspace?.diagnostics?.refreshSupport === true) void connection.languages.diagnostics.refresh();
  };
  const diagnoseAll = (): void => {
    if (pulls()) refresh();
    else for (const uri of texts.keys()) pusher.schedule(uri);
  };
  registerLifecycle(connection, session, {
    languages: options.languages,
    diagnoseAll,
    foldersChanged: workspace.forget,
  });
  connection.onDidChangeWatchedFiles(() => {
    documents.forgetAll();
    workspace.forget();
    diagnoseAll();
  });
  texts.onDidChangeContent(({ document: { uri } }) => {
    const isShared = texts.keys().length > 1 && isPartOfOthers(open(uri));
    if (isShared) documents.forgetAll();
    changed();
    if (pulls()) return; // the client asks again by itself
    for (const one of isShared ? texts.keys() : [uri]) pusher.schedule(one);
  });
  const forgetTokens = registerSemanticTokens(connection, answers);
  const forgetReport = registerPulledDiagnostics(connection, {
    answers,
    isOpen,
    paths: () => workspace.paths(),
    documentOf: closed,
    isWanted: () => session.workspaceDiagnostics,
    state: () => (watchesFiles(session) ? changes : undefined),
    diagnosticsOf,
    dependents: (uri) =>
      tellsOfOthers(session) && isPartOfOthers(open(uri))
        ? texts.keys().flatMap((other) => (other === uri ? [] : (open(other) ?? [])))
        : [],
  });
  texts.onDidClose(({ document: { uri } }) => {
    changed();
    forgetTokens(uri);
    forgetReport(uri);
    findings.cancel(uri);
    documents.parsed(uri);
    if (!pulls()) pusher.clear(uri);
  });
  registerCodeActions(connection, answers, session, findings);
  registerAnswers(connection, answers, session);
  const openAt = (path: string) => open(texts.keys().find((uri) => pathOfUri(uri) === path) ?? '');
  registerWorkspaceSymbols(
    connection,
    () => workspace.paths(),
    (path) => openAt(path) ?? closed(path),
  );
  texts.listen(connection);
  connection.listen();
}

/** What is asked about an open document. */
function registerAnswers(connection: Connection, answers: Answers, session: Session): void {
  const images = createImageSource(connection, () => performance.now());
  registerCompletions(connection, answers, session, images);
  registerRequests(connection, answers, session);
  registerWholeDocument(connection, answers, session);
}

function tellsOfOthers({ client }: Session): boolean {
  return client.textDocument?.diagnostic?.relatedDocumentSupport === true;
}

/** A Compose file is a part of the projects of others, and an ignore file of builds: those are looked at again when it changes. */
function isPartOfOthers(open: OpenDocument | undefined): boolean {
  return open?.language.name === 'compose' || open?.language.name === 'dockerignore';
}

function registerLifecycle(
  connection: Connection,
  session: Session,
  {
    languages,
    diagnoseAll,
    foldersChanged,
  }: { languages: readonly Language<unknown>[]; diagnoseAll: () => void; foldersChanged: () => void },
): void {
  connection.onInitialize((params) => {
    beginSession(session, params);
    const capabilities = capabilitiesOf(languages, params.capabilities);
    return {
      capabilities: { ...capabilities, positionEncoding: session.encoding },
      serverInfo: { name: 'slipway' },
    };
  });
  connection.onInitialized(async () => {
    await subscribe(session, connection);
    followFolders(connection, session, foldersChanged);
    await updateSettings(session, connection);
    diagnoseAll();
  });
  connection.onDidChangeConfiguration(async ({ settings }) => {
    await updateSettings(session, connection, settings);
    diagnoseAll();
  });
}

/** Folders may come and go while the server runs. */
function followFolders(connection: Connection, session: Session, changed: () => void): void {
  if (session.client.workspace?.workspaceFolders !== true) return;
  connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
    const gone = new Set(removed.map(({ uri }) => pathOfUri(uri)));
    const come = added.flatMap(({ uri }) => pathOfUri(uri) ?? []);
    session.folders = [...session.folders.filter((path) => !gone.has(path)), ...come];
    changed();
  });
}
