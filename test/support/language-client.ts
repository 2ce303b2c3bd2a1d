/** A minimal LSP client over stdio, for tests of the language server's process. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { ClientCapabilities, InitializeResult, PublishDiagnosticsParams } from 'vscode-languageserver/node';

const root = path.resolve(import.meta.dirname, '../..');

export interface LanguageClient extends AsyncDisposable {
  readonly connection: MessageConnection;
  readonly initialized: InitializeResult;
  open(uri: string, languageId: string, text: string): Promise<void>;
  /** Replaces a range of lines and characters, as an editor does while typing. */
  change(uri: string, version: number, changes: readonly object[]): Promise<void>;
  /** The next diagnostics that the server pushes for the document. */
  nextDiagnostics(uri: string): Promise<PublishDiagnosticsParams>;
}

export async function startLanguageClient(capabilities: ClientCapabilities): Promise<LanguageClient> {
  const child = spawn(process.execPath, [path.join(root, 'server/src/main.ts'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const arrived: PublishDiagnosticsParams[] = [];
  const waiting: { uri: string; resolve: (params: PublishDiagnosticsParams) => void }[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    const at = waiting.findIndex(({ uri }) => uri === params.uri);
    if (at === -1) arrived.push(params);
    else waiting.splice(at, 1)[0]?.resolve(params);
  });
  connection.listen();
  const parameters = { processId: process.pid, rootUri: null, capabilities };
  const initialized = await connection.sendRequest<InitializeResult>('initialize', parameters);
  await connection.sendNotification('initialized', {});
  return {
    connection,
    initialized,
    open: (uri, languageId, text) =>
      connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } }),
    change: (uri, version, contentChanges) =>
      connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges }),
    nextDiagnostics(uri) {
      const at = arrived.findIndex((params) => params.uri === uri);
      const found = at === -1 ? undefined : arrived.splice(at, 1)[0];
      return found === undefined ? new Promise((resolve) => waiting.push({ uri, resolve })) : Promise.resolve(found);
    },
    async [Symbol.asyncDispose]() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await exited;
      connection.dispose();
    },
  };
}
