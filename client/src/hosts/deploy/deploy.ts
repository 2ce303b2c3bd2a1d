/** From a machine that can run commands to a machine that runs our engine. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostShell } from '../host-shell.ts';
import { labelInText } from '../saved-host.ts';
import { writeAgentArchive } from './agent-archive.ts';
import {
  type AgentFiles,
  filesFor,
  hasNativeModule,
  nativeModuleFor,
  nativeModuleVersion,
  readAgentFiles,
} from './agent-files.ts';
import { engineScript, unpackScript } from './engine-script.ts';
import { runMarked } from './marked-output.ts';
import { type HostFacts, PATH_LINE, probeHost } from './probe.ts';
import { type HostLack, hostLack, type MissingModule } from './requirements.ts';

export interface DeployOptions {
  /** The host's name, for messages. */
  readonly label: string;
  /** dist/agent of the extension. */
  readonly agentFolder: string;
  /** Slipway's folder on the host; may start with `~/`. */
  readonly home: string;
  readonly socket: string;
  /** More arguments of `slipway serve` (data root, mirrors). */
  readonly serveArgs: readonly string[];
  /** Programs on the host that are Nodes, perhaps new enough. */
  readonly nodes?: readonly string[];
  /** The agent is run where it lies (this machine), not copied. */
  readonly inPlace?: boolean;
  readonly signal?: AbortSignal;
  readonly report: (message: string, percent?: number) => void;
  readonly log: (line: string) => void;
  /** Asked when the host lacks something that can be installed. True: install it. */
  readonly onLack: (lack: HostLack, facts: HostFacts) => Promise<boolean>;
}

export interface Deployed {
  readonly outcome: 'running' | 'started' | 'replaced' | 'foreign';
  readonly facts: HostFacts;
}

/**
 * Leaves an engine of this version listening on the socket. An engine that someone else started there is left alone.
 * @throws EngineError `unavailable` with what the host lacks, or the engine's own last words
 */
export async function deployEngine(shell: HostShell, options: DeployOptions): Promise<Deployed> {
  const { signal } = options;
  const agent = await readAgentFiles(options.agentFolder);
  const build = buildOf(agent, options);
  options.report('Looking at the host');
  const firstLook = await look(shell, agent, options);
  if (firstLook.running === undefined && (await answers(shell, options.socket, signal))) {
    return { outcome: 'foreign', facts: firstLook };
  }
  if (firstLook.running?.build === build && firstLook.isRoot) return { outcome: 'running', facts: firstLook };
  const facts = firstLook.running?.build === build ? firstLook : await withEverything(shell, firstLook, agent, options);
  const folder = options.inPlace === true ? agent.folder : `${facts.home}/agent/${agent.version}`;
  if (!facts.hasAgent && options.inPlace !== true) await sendAgent(shell, agent, facts, options);
  const outcome = await startEngine(shell, { facts, folder, build }, options);
  return { outcome, facts };
}

function look(shell: HostShell, agent: AgentFiles, { home, nodes, signal }: DeployOptions): Promise<HostFacts> {
  return probeHost(shell, home, agent.version, {
    ...(nodes === undefined ? {} : { nodes }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function buildOf(agent: AgentFiles, { socket, serveArgs }: DeployOptions): string {
  const hash = createHash('sha256').update([agent.version, socket, ...serveArgs].join('\0'));
  return `${agent.version}-${hash.digest('hex').slice(0, 8)}`;
}

async function answers(shell: HostShell, socket: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const stream = await shell.dial(socket, signal);
    stream.destroy();
    return true;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return false;
  }
}

/** Offers to install what is missing, once for each thing. */
async function withEverything(
  shell: HostShell,
  first: HostFacts,
  agent: AgentFiles,
  options: DeployOptions,
): Promise<HostFacts> {
  let facts = first;
  let installed = '';
  for (;;) {
    const lack = hostLack(facts, await missingModule(agent, facts));
    if (lack === undefined) return facts;
    const repeated = lack.install === installed;
    if (lack.install === undefined || repeated || !(await options.onLack(lack, facts))) {
      throw lackError(options.label, lack);
    }
    installed = lack.install;
    options.report('Installing what is missing');
    await install(shell, installed, options);
    options.report('Looking at the host again');
    facts = await look(shell, agent, options);
  }
}

/** The extension is packaged with the native modules that the registry had; a host of another kind fetches its own. */
async function missingModule(agent: AgentFiles, facts: HostFacts): Promise<MissingModule | undefined> {
  const name = nativeModuleFor(facts);
  if (facts.system !== 'Linux' || hasNativeModule(agent, name) || facts.nativeModules.includes(name)) return undefined;
  return { name, version: await nativeModuleVersion(agent) };
}

async function install(shell: HostShell, command: string, { label, log, signal }: DeployOptions): Promise<void> {
  log(`${label}$ ${command}`);
  const script = `${PATH_LINE}\nDEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND\n${command}`;
  const { code, stdout, stderr } = await shell.run(script, signal === undefined ? {} : { signal });
  for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) log(`${label}: ${line}`);
  if (code !== 0) {
    const reason = stderr.trim().split('\n').at(-1) ?? '';
    throw new EngineError(
      'unavailable',
      `Installing on ${labelInText(label)} failed with exit code ${code}: ${reason}`,
    );
  }
}

function lackError(label: string, lack: HostLack): EngineError {
  const how = lack.install === undefined ? '' : ` Install it there with: ${lack.install}`;
  return new EngineError('unavailable', `${label} cannot run containers yet. ${lack.lines.join(' ')}${how}`);
}

async function sendAgent(shell: HostShell, agent: AgentFiles, facts: HostFacts, options: DeployOptions): Promise<void> {
  const { signal, report } = options;
  const { home } = facts;
  const abortable = signal === undefined ? {} : { signal };
  const archive = `${home}/agent/${agent.version}.tgz`;
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-agent-'));
  try {
    const local = path.join(folder, 'agent.tgz');
    await writeAgentArchive(agent.folder, filesFor(agent, nativeModuleFor(facts)), local);
    await shell.upload(local, archive, {
      ...abortable,
      progress: (bytes, total) => report('Sending the engine', total === 0 ? 100 : Math.floor((bytes / total) * 100)),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { code, stderr } = await shell.run(unpackScript(home, agent.version, archive), abortable);
  if (code !== 0) {
    throw new EngineError(
      'unavailable',
      `The engine could not be unpacked on ${labelInText(options.label)}: ${stderr.trim()}`,
    );
  }
}

async function startEngine(
  shell: HostShell,
  what: { readonly facts: HostFacts; readonly folder: string; readonly build: string },
  options: DeployOptions,
): Promise<'running' | 'started' | 'replaced'> {
  const { facts, folder, build } = what;
  options.report(facts.running === undefined ? 'Starting the engine' : 'Connecting to the engine');
  const script = engineScript({
    home: facts.home,
    agentFolder: folder,
    node: facts.node ?? 'node',
    build,
    socket: options.socket,
    args: ['--socket', options.socket, ...options.serveArgs],
    sudo: !facts.isRoot,
  });
  const answer = await runMarked(shell, script, options.signal === undefined ? {} : { signal: options.signal });
  const state = answer.get('state')?.[0];
  if (state === 'running') return state;
  if (state === 'started') return answer.has('replaced') ? 'replaced' : state;
  const log = (answer.get('log') ?? []).filter((line) => line.trim() !== '').join('\n');
  const why = state === 'busy' ? 'another start is under way there and does not end' : log;
  throw new EngineError(
    'unavailable',
    `The engine did not start on ${labelInText(options.label)}: ${why === '' ? `see ${facts.home}/engine/log there` : why}`,
  );
}
