/** Starts the language server when the first document that it knows is opened, or all files are to be looked at. */
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node';
import { messageOf } from '#model/engine-api/errors.ts';
import type { Ui } from '../views/ui.ts';
import { DOCUMENT_SELECTOR } from './document-selector.ts';

/** Those of the server's lenses and actions; the last one makes completion go on. */
const COMMANDS = ['slipway.buildStage', 'slipway.composeUp', 'slipway.turnRuleOff', 'editor.action.triggerSuggest'];
const LENSES = 'slipway.codeLens.enabled';

/** @param images names of images that begin so, without waiting */
export function languageServer(
  extensionUri: vscode.Uri,
  ui: Ui,
  images: (prefix: string) => readonly string[],
): vscode.Disposable {
  let client: LanguageClient | undefined;
  const isOurs = (document: vscode.TextDocument): boolean => vscode.languages.match(DOCUMENT_SELECTOR, document) > 0;
  const start = async (): Promise<void> => {
    client = create(extensionUri);
    client.onRequest('slipway/images', ({ prefix }: { readonly prefix: string }) => images(prefix));
    try {
      await client.start();
    } catch (error) {
      ui.error(`The language server for Dockerfiles and Compose files did not start: ${messageOf(error)}`);
    }
  };
  const opened = vscode.workspace.onDidOpenTextDocument((document) => startFor(document));
  const startOnce = (): void => {
    if (client !== undefined) return;
    opened.dispose();
    void start();
  };
  const startFor = (document: vscode.TextDocument): void => {
    if (isOurs(document)) startOnce();
  };
  for (const document of vscode.workspace.textDocuments) startFor(document);
  const startForWorkspace = (): void => {
    if (vscode.workspace.getConfiguration('slipway').get('diagnostics.workspace', false)) startOnce();
  };
  startForWorkspace();
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    startForWorkspace();
    if (!event.affectsConfiguration(LENSES)) return;
    for (const document of vscode.workspace.textDocuments) {
      client?.getFeature('textDocument/codeLens').getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    }
  });
  return {
    dispose() {
      opened.dispose();
      settings.dispose();
      void client?.stop();
    },
  };
}

function create(extensionUri: vscode.Uri): LanguageClient {
  const module = vscode.Uri.joinPath(extensionUri, 'dist', 'server', 'main.cjs').fsPath;
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENT_SELECTOR,
    initializationOptions: {
      commands: COMMANDS,
      imageSource: true,
      diagnostics: vscode.workspace.getConfiguration('slipway').get('diagnostics'),
      rulePages: `${vscode.Uri.joinPath(extensionUri, 'docs', 'rules').toString()}/`,
    },
    diagnosticCollectionName: 'slipway',
    middleware: {
      provideCodeLenses: (document, token, next) =>
        vscode.workspace.getConfiguration(undefined, document).get(LENSES, true) ? next(document, token) : [],
    },
  };
  return new LanguageClient('slipway', 'Slipway Language Server', { module, transport: TransportKind.ipc }, options);
}
