/** What the server knows of the client it serves, and the client's settings. */
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type ClientCapabilities,
  type Connection,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../settings.ts';
import { pathOfUri } from './file-uri.ts';
import { chooseEncoding, type PositionEncoding } from './positions.ts';

export interface Session {
  client: ClientCapabilities;
  encoding: PositionEncoding;
  settings: Settings;
  /** URL of the folder with the rules' pages, with a slash at the end. */
  rulePages: string;
  /** Commands that the client can run: code lenses and the like are offered for these only. */
  commands: ReadonlySet<string>;
  /** The client answers `slipway/images`: names and tags of images that it knows. */
  imageSource: boolean;
  /** Diagnostics of files that are not open are wanted, too, of a client that pulls them. */
  workspaceDiagnostics: boolean;
  /** Paths of the folders that the client has open. */
  folders: readonly string[];
}

const SECTIONS = ['slipway.lint', 'slipway.diagnostics'];
/** Files that diagnostics depend on besides the open ones. */
const WATCHED = [
  '**/*.{dockerignore,containerignore}',
  '**/.env',
  '**/*.env',
  '**/*compose*.{yml,yaml}',
  '**/.hadolint.{yml,yaml}',
  '**/.dclintrc*',
  '**/{Dockerfile,Containerfile}*',
  '**/*.{dockerfile,Dockerfile,containerfile,Containerfile}',
  '**/{devcontainer,.devcontainer}.json',
];

export function createSession(rulePages: string): Session {
  return {
    client: {},
    encoding: 'utf-16',
    settings: DEFAULT_SETTINGS,
    rulePages,
    commands: new Set(),
    imageSource: false,
    workspaceDiagnostics: true,
    folders: [],
  };
}

/**
 * Takes over what the client says when it connects:
 * `{ rulePages?, settings?, diagnostics?, commands?: string[], imageSource?: true }`.
 */
export function beginSession(session: Session, params: InitializeParams): void {
  const { capabilities, initializationOptions: options, workspaceFolders } = params;
  const rulePages = property(options, 'rulePages');
  const commands = property(options, 'commands');
  session.client = capabilities;
  session.encoding = chooseEncoding(capabilities.general?.positionEncodings);
  session.rulePages = typeof rulePages === 'string' ? rulePages : session.rulePages;
  session.settings = readSettings(property(options, 'settings'));
  session.commands = new Set(Array.isArray(commands) ? commands.filter((one) => typeof one === 'string') : []);
  session.imageSource = property(options, 'imageSource') === true;
  session.workspaceDiagnostics = wantsWorkspace(property(options, 'diagnostics'));
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? rootOf(params);
  session.folders = uris.flatMap((uri) => pathOfUri(uri) ?? []);
}

/** Clients before workspace folders name one root. */
function rootOf(params: InitializeParams): string[] {
  const root: unknown = params.rootUri;
  return typeof root === 'string' ? [root] : [];
}

/** Asks the client to tell about changes of settings and files. */
export async function subscribe(session: Session, { client }: Connection): Promise<void> {
  const { workspace } = session.client;
  if (workspace?.didChangeConfiguration?.dynamicRegistration === true) {
    await client.register(DidChangeConfigurationNotification.type, { section: SECTIONS });
  }
  if (watchesFiles(session)) {
    const watchers = WATCHED.map((globPattern) => ({ globPattern }));
    await client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
}

/** @param pushed what a client sends that cannot be asked: all its settings, ours under `slipway` */
export async function updateSettings(session: Session, connection: Connection, pushed?: unknown): Promise<void> {
  if (session.client.workspace?.configuration === true) {
    const items = SECTIONS.map((section) => ({ section }));
    const [lint, diagnostics]: unknown[] = await connection.workspace.getConfiguration(items);
    session.settings = readSettings(lint);
    session.workspaceDiagnostics = wantsWorkspace(diagnostics);
  } else if (pushed !== undefined) {
    const ours = property(pushed, 'slipway');
    session.settings = readSettings(property(ours, 'lint'));
    session.workspaceDiagnostics = wantsWorkspace(property(ours, 'diagnostics'));
  }
}

/** Who asks for them gets them, unless the settings say otherwise. */
function wantsWorkspace(diagnostics: unknown): boolean {
  return property(diagnostics, 'workspace') !== false;
}

/** The client tells when files change. */
export function watchesFiles({ client: { workspace } }: Session): boolean {
  return workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}
