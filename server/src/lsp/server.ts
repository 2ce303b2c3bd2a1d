import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DocumentDiagnosticReportKind,
  TextDocuments,
  type ClientCapabilities,
  type Connection,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Files } from '../files.ts';
import type { Language } from '../language.ts';
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../settings.ts';
import { capabilitiesOf, pullsDiagnostics } from './capabilities.ts';
import { codeActions } from './code-actions.ts';
import { createDiagnosticsPusher, diagnose } from './diagnostics.ts';
import { createOpenDocuments } from './open-documents.ts';
import { registerRequests } from './requests.ts';

export interface ServerOptions {
  readonly languages: readonly Language<unknown>[];
  readonly files: Files;
  /** URL of the folder with the rules' pages, with a slash at the end; the client may name another. */
  readonly rulePages: string;
}

/** Files that diagnostics depend on besides the open ones. */
const WATCHED = ['**/*.dockerignore', '**/.env', '**/*.env', '**/*compose*.{yml,yaml}', '**/.hadolint.{yml,yaml}'];

/** Connects the languages to an editor; returns when listening. */
export function startServer(connection: Connection, options: ServerOptions): void {
  const texts = new TextDocuments(TextDocument);
  const documents = createOpenDocuments(options.languages, options.files);
  const open = (uri: string) => documents.parsed(texts.get(uri));
  let client: ClientCapabilities = {};
  let settings: Settings = DEFAULT_SETTINGS;
  let { rulePages } = options;

  const pusher = createDiagnosticsPusher(connection, open, (found) => diagnose(found, settings, rulePages));
  const diagnoseAll = (): void => {
    if (!pullsDiagnostics(client)) for (const uri of texts.keys()) pusher.schedule(uri);
    else if (client.workspace?.diagnostics?.refreshSupport === true) void connection.languages.diagnostics.refresh();
  };
  const fetchSettings = async (pushed: unknown): Promise<void> => {
    const asks = client.workspace?.configuration === true;
    settings = readSettings(asks ? await connection.workspace.getConfiguration('slipway.lint') : pushed);
  };

  connection.onInitialize(({ capabilities, initializationOptions }) => {
    client = capabilities;
    const given = readOptions(initializationOptions);
    rulePages = given.rulePages ?? rulePages;
    settings = readSettings(given.settings);
    return { capabilities: capabilitiesOf(options.languages, client), serverInfo: { name: 'slipway' } };
  });
  connection.onInitialized(async () => {
    const { workspace } = client;
    if (workspace?.didChangeConfiguration?.dynamicRegistration === true) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'slipway.lint' });
    }
    if (workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      const watchers = WATCHED.map((globPattern) => ({ globPattern }));
      await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
    }
    if (workspace?.configuration === true) await fetchSettings(undefined).then(diagnoseAll);
  });
  connection.onDidChangeConfiguration(async ({ settings: pushed }) => {
    await fetchSettings(lintSection(pushed));
    diagnoseAll();
  });
  connection.onDidChangeWatchedFiles(diagnoseAll);

  texts.onDidChangeContent(({ document }) => pullsDiagnostics(client) || pusher.schedule(document.uri));
  texts.onDidClose(({ document: { uri } }) => {
    documents.forget(uri);
    if (!pullsDiagnostics(client)) pusher.clear(uri);
  });
  connection.languages.diagnostics.on(({ textDocument }) => {
    const found = open(textDocument.uri);
    const items = found === undefined ? [] : diagnose(found, settings, rulePages);
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });
  connection.onCodeAction((params) => {
    const found = open(params.textDocument.uri);
    if (found === undefined) return [];
    return codeActions(found, found.language.diagnose(found.document, settings), params, rulePages);
  });
  registerRequests(connection, open);
  texts.listen(connection);
  connection.listen();
}

function readOptions(value: unknown): { readonly rulePages?: string; readonly settings?: unknown } {
  if (typeof value !== 'object' || value === null) return {};
  const rulePages = 'rulePages' in value && typeof value.rulePages === 'string' ? value.rulePages : undefined;
  const settings = 'settings' in value ? value.settings : undefined;
  return { ...(rulePages === undefined ? {} : { rulePages }), settings };
}

/** Editors that push settings push all of them: ours are under `slipway.lint`. */
function lintSection(pushed: unknown): unknown {
  const inside = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
  return inside(inside(pushed, 'slipway'), 'lint');
}
