/** A minimal LSP client, for tests of the language server's process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { ClientCapabilities, InitializeResult, PublishDiagnosticsParams } from 'vscode-languageserver/node';

const root = path.resolve(import.meta.dirname, '../..');
const SERVER = path.join(root, 'server/src/main.ts');

export interface LanguageClient extends AsyncDisposable {
  readonly connection: MessageConnection;
  readonly initialized: InitializeResult;
  readonly child: ChildProcess;
  open(uri: string, languageId: string, text: string): Promise<void>;
  /** Replaces a range of lines and characters, as an editor does while typing. */
  change(uri: string, version: number, changes: readonly object[]): Promise<void>;
  /** The next diagnostics that the server pushes for the document. */
  nextDiagnostics(uri: string): Promise<PublishDiagnosticsParams>;
  /** Asks about a document. */
  ask<T>(method: string, uri: string, more?: object): Promise<T>;
}

export interface LanguageClientOptions {
  readonly initializationOptions?: unknown;
  /** URIs of the open folders. */
  readonly folders?: readonly string[];
  readonly transport?: 'stdio' | 'node-ipc' | 'socket';
  /** The server's file, for Node; its sources when not given. */
  readonly server?: string;
  /** Before those that name the transport. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The process that the server is to outlive never; this one when not given. */
  readonly processId?: number | undefined;
}

export async function startLanguageClient(
  capabilities: ClientCapabilities,
  {
    initializationOptions,
    folders,
    transport = 'stdio',
    server = SERVER,
    args = [],
    env = {},
    processId = process.pid,
  }: LanguageClientOptions = {},
): Promise<LanguageClient> {
  const { child, connection } = await connect(transport, [server, ...args], env);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const arrived: PublishDiagnosticsParams[] = [];
  const waiting: { uri: string; resolve: (params: PublishDiagnosticsParams) => void }[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    const at = waiting.findIndex(({ uri }) => uri === params.uri);
    if (at === -1) arrived.push(params);
    else waiting.splice(at, 1)[0]?.resolve(params);
  });
  connection.listen();
  const workspaceFolders = folders?.map((uri) => ({ uri, name: uri })) ?? null;
  const parameters = { processId, rootUri: null, capabilities, initializationOptions, workspaceFolders };
  const initialized = await connection.sendRequest<InitializeResult>('initialize', parameters);
  await connection.sendNotification('initialized', {});
  return {
    connection,
    initialized,
    child,
    open: (uri, languageId, text) =>
      connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } }),
    change: (uri, version, contentChanges) =>
      connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges }),
    nextDiagnostics(uri) {
      const at = arrived.findIndex((params) => params.uri === uri);
      const found = at === -1 ? undefined : arrived.splice(at, 1)[0];
      return found === undefined ? new Promise((resolve) => waiting.push({ uri, resolve })) : Promise.resolve(found);
    },
    ask: (method, uri, more = {}) => connection.sendRequest(method, { textDocument: { uri }, ...more }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        await connection.sendRequest('shutdown');
        await connection.sendNotification('exit');
      }
      await exited;
      connection.dispose();
    },
  };
}

async function connect(
  transport: 'stdio' | 'node-ipc' | 'socket',
  server: readonly string[],
  extra: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; connection: MessageConnection }> {
  const env = { ...process.env, ...extra };
  if (transport === 'node-ipc') {
    const child = spawn(process.execPath, [...server, '--node-ipc'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env,
    });
    return { child, connection: createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child)) };
  }
  if (transport === 'socket') {
    const listener: Server = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const child = spawn(process.execPath, [...server, `--socket=${port}`], { stdio: 'ignore', env });
    const [socket] = (await once(listener, 'connection')) as [Socket];
    listener.close();
    return {
      child,
      connection: createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket)),
    };
  }
  const child = spawn(process.execPath, [...server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], env });
  return {
    child,
    connection: createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)),
  };
}
