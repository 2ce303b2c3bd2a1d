/** *Attach Debugger* on a running container, nothing prepared. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerProcess } from '#model/slipway-api/debug.ts';
import { scriptOf } from '#model/slipway-api/node-command-line.ts';
import type { ContainerInspectResponse } from '#model/engine-api/types.ts';
import type { Command } from '../commands/command.ts';
import { type ContainerRef, pickContainers, RUNNING } from '../commands/containers.ts';
import { connectionOf } from '../commands/deps.ts';
import type { DevDeps } from '../devcontainer/editor-port.ts';
import { LABELS } from '../devcontainer/identity.ts';
import { isSlipwayEngine } from '../tunnel/container-port.ts';
import { attachConfiguration } from './attach-configuration.ts';
import { type NodeTunnel, openNodeTunnel } from './node-tunnel.ts';
import { type FolderPair, localFolders, rootsFor } from './path-map.ts';

export const debugCommands: readonly Command<DevDeps>[] = [
  {
    id: 'slipway.attachDebugger',
    title: 'Attach Debugger',
    icon: 'debug-alt',
    places: [
      {
        menu: 'view/item/context',
        view: 'slipway.containers',
        item: String.raw`^container running`,
        group: 'inline@5',
      },
      {
        menu: 'view/item/context',
        view: 'slipway.containers',
        item: String.raw`^container running`,
        group: '2_look@3',
      },
    ],
    handler: attachDebugger,
  },
];

async function attachDebugger(deps: DevDeps, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const chosen = await pickContainers(deps, target, selection, 'Attach Debugger', RUNNING);
  for (const container of chosen) await attachTo(deps, container);
}

async function attachTo(deps: DevDeps, { connection, id, name }: ContainerRef): Promise<void> {
  const { ui, editor } = deps;
  if (!(await isSlipwayEngine(connection))) {
    throw new EngineError(
      'not-implemented',
      `${connection.label} is no Slipway engine: debuggers can be attached on those only.`,
    );
  }
  let session: { stop(): void } | undefined;
  const log = (line: string): void => ui.log(`${name}: ${line}`);
  const tunnel = await ui.progress(`Attaching a debugger to ${name}`, async (_report, signal) => {
    return await openNodeTunnel(
      {
        connection: () => connectionOf(deps, connection.id),
        pick: async (candidates) => await pickProcess(deps, name, candidates),
        log,
        onGone: () => session?.stop(),
      },
      id,
      signal,
    ).catch((error: unknown) => {
      throw error instanceof EngineError && error.code === 'not-found' ? noProgram(name, error) : error;
    });
  });
  if (tunnel === undefined) return;
  try {
    log(
      `process ${tunnel.target.pid} (${tunnel.target.chain}), inspector on port ${tunnel.target.port} of the container`,
    );
    const roots = await rootsOf(deps, connection.id, id, tunnel);
    if (roots === undefined)
      log('no mount holds the program: breakpoints bind only where source maps name local files');
    else log(`${roots.remoteRoot} in the container is ${roots.localRoot} here`);
    const configuration = attachConfiguration(name, tunnel.target, roots, tunnel.port);
    const handle = await editor.startDebugging(editor.workspaceFolders()[0], configuration);
    if (handle === undefined) throw new EngineError('internal', `The debugger did not start for ${name}.`);
    session = handle;
    handle.onEnd(() => void tunnel[Symbol.asyncDispose]());
  } catch (error) {
    await tunnel[Symbol.asyncDispose]();
    throw error;
  }
}

function noProgram(container: string, cause: EngineError): EngineError {
  const text = `${container}: ${cause.message}. The app must be running in it: start it there, for example in a shell.`;
  return new EngineError('not-found', text, { cause });
}

async function pickProcess(
  { ui }: DevDeps,
  container: string,
  candidates: readonly ContainerProcess[],
): Promise<ContainerProcess | undefined> {
  const items = candidates.map((value) => ({
    label: value.argv.join(' '),
    description: `process ${value.pid}`,
    detail: value.cwd,
    value,
  }));
  return await ui.pick(`Attach Debugger to ${container}`, items, { placeholder: 'Several Node.js programs run in it' });
}

async function rootsOf(
  deps: DevDeps,
  hostId: string,
  container: string,
  { target }: NodeTunnel,
): Promise<ReturnType<typeof rootsFor>> {
  const connection = connectionOf(deps, hostId);
  const { Config } = await connection.call<ContainerInspectResponse>('GET', `/containers/${container}/json`);
  const [folder, workspace] = [Config?.Labels?.[LABELS.folder], Config?.Labels?.[LABELS.workspace]];
  const fromLabels = target.mounts.find(
    ({ source }) => workspace !== undefined && source.endsWith(`/workspaces/${workspace}`),
  );
  const pairs: FolderPair[] = deps.sessions.all().flatMap((session) => {
    const directory = session.hostId === hostId ? session.currentSync()?.workspace.directory : undefined;
    return directory === undefined ? [] : [{ local: session.folder, host: directory }];
  });
  if (fromLabels !== undefined && folder !== undefined) pairs.push({ local: folder, host: fromLabels.source });
  return rootsFor({
    mounts: target.mounts,
    cwd: target.cwd,
    script: scriptOf(target.argv),
    localOf: localFolders(pairs, connection.kind !== 'ssh'),
    workspaceFolder: deps.editor.workspaceFolders()[0],
  });
}
