/** Connects to a host, whatever its kind: the way there, the engine on it, and the connection to that. */
import { EngineError } from '#model/engine-api/errors.ts';
import { openConnection } from './connection.ts';
import { deployEngine, type DeployOptions } from './deploy/deploy.ts';
import type { EngineConnection } from './engine-connection.ts';
import { localShell } from './local-shell.ts';
import { hostId, hostLabel, type SavedHost } from './saved-host.ts';
import { defaultSources, resolveSshTarget, type SshConfigSources } from './ssh/config.ts';
import type { SshPrompts } from './ssh/prompts.ts';
import { openSshSession } from './ssh/session.ts';

export interface EngineSettings {
  /** Socket of the engine on this machine. */
  readonly localSocket: string;
  /** Socket of the engines on SSH hosts. */
  readonly remoteSocket: string;
  /** Where engines keep images and volumes; empty for their own default. */
  readonly dataRoot: string;
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
}

export interface ConnectDeps {
  /** dist/agent of the extension. */
  readonly agentFolder: string;
  readonly settings: () => EngineSettings;
  readonly prompts: SshPrompts;
  readonly onLack: (label: string, ...args: Parameters<DeployOptions['onLack']>) => Promise<boolean>;
  readonly log: (line: string) => void;
  /** Where an engine is put and listens on hosts, for tests; else ~/.slipway and /run/slipway/slipway.sock. */
  readonly places?: { readonly home: string; readonly socket: string; readonly serveArgs: readonly string[] };
  readonly sshSources?: SshConfigSources;
  /** A port of this machine that SSH hosts shall reach: the registry that `npm start` serves. */
  readonly lend?: number;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  readonly report: (message: string, percent?: number) => void;
}

/** Slipway's folder on hosts. */
export const ENGINE_HOME = '~/.slipway';

/** @throws EngineError with one sentence that says what to do */
export async function connectHost(
  host: SavedHost,
  deps: ConnectDeps,
  options: ConnectOptions,
): Promise<EngineConnection> {
  const identity = { id: hostId(host), label: hostLabel(host), kind: host.kind };
  switch (host.kind) {
    case 'socket':
      return await openConnection({ ...identity, shell: localShell(), socketPath: host.path }, options.signal);
    case 'local': {
      const shell = localShell();
      const socket = deps.places?.socket ?? deps.settings().localSocket;
      const { outcome } = await deployEngine(shell, {
        ...deployment(identity.label, deps, options),
        socket,
        inPlace: true,
        // In VS Code's server the extension runs on a Node; on a desktop it does not.
        nodes: process.versions['electron'] === undefined ? [process.execPath] : [],
      });
      deps.log(`${identity.label}: engine ${outcome} at ${socket}`);
      return await openConnection({ ...identity, shell, socketPath: socket }, options.signal);
    }
    case 'ssh':
      return await connectSsh(host.name, identity, deps, options);
  }
}

async function connectSsh(
  name: string,
  identity: Pick<EngineConnection, 'id' | 'label' | 'kind'>,
  deps: ConnectDeps,
  options: ConnectOptions,
): Promise<EngineConnection> {
  const sources = deps.sshSources ?? defaultSources();
  const resolve = (alias: string): ReturnType<typeof resolveSshTarget> => resolveSshTarget(alias, sources);
  options.report('Opening the SSH connection');
  const session = await openSshSession(resolve(name), {
    prompts: deps.prompts,
    resolve,
    log: deps.log,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(deps.lend === undefined ? {} : { lend: deps.lend }),
  });
  try {
    const socket = deps.places?.socket ?? deps.settings().remoteSocket;
    const { outcome, facts } = await deployEngine(session, { ...deployment(identity.label, deps, options), socket });
    deps.log(`${name}: engine ${outcome} on ${facts.distribution} (${facts.arch}), socket ${socket}`);
    return await openConnection(
      {
        ...identity,
        shell: session,
        socketPath: socket,
        onTransportLost: session.onClose,
        close: () => session.end(),
      },
      options.signal,
    );
  } catch (error) {
    session.end();
    if (error instanceof EngineError || options.signal?.aborted !== true) throw error;
    throw new EngineError('cancelled', 'Cancelled.', { cause: error });
  }
}

function deployment(label: string, deps: ConnectDeps, options: ConnectOptions): Omit<DeployOptions, 'socket'> {
  const { dataRoot, registryMirrors, insecureRegistries } = deps.settings();
  return {
    label,
    agentFolder: deps.agentFolder,
    home: deps.places?.home ?? ENGINE_HOME,
    serveArgs: deps.places?.serveArgs ?? [
      ...(dataRoot === '' ? [] : ['--data-root', dataRoot]),
      ...registryMirrors.flatMap((url) => ['--registry-mirror', url]),
      ...insecureRegistries.flatMap((registry) => ['--insecure-registry', registry]),
    ],
    report: options.report,
    log: deps.log,
    onLack: (lack, facts) => deps.onLack(label, lack, facts),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}
