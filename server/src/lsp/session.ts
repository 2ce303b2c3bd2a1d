/** What the server knows of the client it serves, and the client's settings. */
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type ClientCapabilities,
  type Connection,
} from 'vscode-languageserver/node';
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../settings.ts';

export interface Session {
  client: ClientCapabilities;
  settings: Settings;
  /** URL of the folder with the rules' pages, with a slash at the end. */
  rulePages: string;
}

const SECTION = 'slipway.lint';
/** Files that diagnostics depend on besides the open ones. */
const WATCHED = ['**/*.dockerignore', '**/.env', '**/*.env', '**/*compose*.{yml,yaml}', '**/.hadolint.{yml,yaml}'];

export function createSession(rulePages: string): Session {
  return { client: {}, settings: DEFAULT_SETTINGS, rulePages };
}

/** Takes over what the client says when it connects: `{ rulePages?: string, settings?: … }`. */
export function beginSession(session: Session, client: ClientCapabilities, options: unknown): void {
  const given = property(options, 'rulePages');
  session.client = client;
  session.rulePages = typeof given === 'string' ? given : session.rulePages;
  session.settings = readSettings(property(options, 'settings'));
}

/** Asks the client to tell about changes of settings and files. */
export async function subscribe({ client: { workspace } }: Session, { client }: Connection): Promise<void> {
  if (workspace?.didChangeConfiguration?.dynamicRegistration === true) {
    await client.register(DidChangeConfigurationNotification.type, { section: SECTION });
  }
  if (workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
    const watchers = WATCHED.map((globPattern) => ({ globPattern }));
    await client.register(DidChangeWatchedFilesNotification.type, { watchers });
  }
}

/** @param pushed what a client sends that cannot be asked: all its settings, ours under `slipway.lint` */
export async function updateSettings(session: Session, connection: Connection, pushed?: unknown): Promise<void> {
  if (session.client.workspace?.configuration === true) {
    session.settings = readSettings(await connection.workspace.getConfiguration(SECTION));
  } else if (pushed !== undefined) {
    session.settings = readSettings(property(property(pushed, 'slipway'), 'lint'));
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}
