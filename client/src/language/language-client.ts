/** Starts the language server when the first document that it knows is opened. */
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node';
import { messageOf } from '#model/engine-api/errors.ts';
import type { Ui } from '../views/ui.ts';

const SELECTOR: ({ readonly language: string; readonly pattern?: string } | { readonly pattern: string })[] = [
  { language: 'dockerfile' },
  { language: 'dockercompose' },
  { language: 'yaml', pattern: '**/{compose,docker-compose,compose.*,docker-compose.*}.{yml,yaml}' },
  { pattern: '**/{.dockerignore,*.dockerignore,.containerignore}' },
  { pattern: '**/{devcontainer,.devcontainer}.json' },
];

export function languageServer(extensionUri: vscode.Uri, ui: Ui): vscode.Disposable {
  let client: LanguageClient | undefined;
  const isOurs = (document: vscode.TextDocument): boolean => vscode.languages.match(SELECTOR, document) > 0;
  const start = async (): Promise<void> => {
    client = create(extensionUri);
    try {
      await client.start();
    } catch (error) {
      ui.error(`The language server for Dockerfiles and Compose files did not start: ${messageOf(error)}`);
    }
  };
  const opened = vscode.workspace.onDidOpenTextDocument((document) => startFor(document));
  const startFor = (document: vscode.TextDocument): void => {
    if (client !== undefined || !isOurs(document)) return;
    opened.dispose();
    void start();
  };
  for (const document of vscode.workspace.textDocuments) startFor(document);
  return {
    dispose() {
      opened.dispose();
      void client?.stop();
    },
  };
}

function create(extensionUri: vscode.Uri): LanguageClient {
  const module = vscode.Uri.joinPath(extensionUri, 'dist', 'server', 'main.cjs').fsPath;
  const options: LanguageClientOptions = {
    documentSelector: SELECTOR,
    initializationOptions: {
      commands: ['editor.action.triggerSuggest'],
      rulePages: `${vscode.Uri.joinPath(extensionUri, 'docs', 'rules').toString()}/`,
    },
    diagnosticCollectionName: 'slipway',
  };
  return new LanguageClient('slipway', 'Slipway Language Server', { module, transport: TransportKind.ipc }, options);
}
