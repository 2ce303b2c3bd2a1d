/** Makes a dev container: image, container, first hooks. */
import type { DevContainerConfig } from '#model/devcontainer/config.ts';
import { containerRequest } from '#model/devcontainer/container-request.ts';
import { mergeConfig, METADATA_LABEL, readMetadataLabel } from '#model/devcontainer/merge.ts';
import { expandContainer } from '#model/devcontainer/variables.ts';
import { hookOrder } from '#model/devcontainer/wait-for.ts';
import type { WorkspacePlan } from '#model/devcontainer/workspace.ts';
import type { ContainerInspectResponse, ImageInspect, Mount } from '#model/engine-api/types.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { explainStart } from '../hosts/taken-port.ts';
import { giveCopyTo } from '../sync/host-copy.ts';
import type { ConfigFile } from './config-file.ts';
import { type HookPlace, runHook } from './hooks.ts';
import { LABELS } from './identity.ts';
import { localIds, matchUserId } from './match-user-id.ts';
import { lookUpUser, remoteEnvironment } from './remote-user.ts';
import type { Steps } from './steps.ts';

export interface Planned {
  readonly file: ConfigFile;
  /** With its variables replaced, but for the container's own. */
  readonly config: DevContainerConfig;
  readonly workspace: WorkspacePlan;
  readonly image: ImageInspect;
  readonly labels: Readonly<Record<string, string>>;
  readonly editorMounts: readonly Mount[];
  readonly localEnv: (name: string) => string | undefined;
  readonly buildTag: string;
  /** Of the container, unless the configuration names it. */
  readonly name: string;
  readonly hash: string;
}

/** A container has this behind its name until its hooks have succeeded: one of an interrupted run is known by it. */
const UNFINISHED = '-unfinished';

export function isUnfinished(names: readonly string[] | undefined): boolean {
  return names?.some((name) => name.endsWith(UNFINISHED)) ?? false;
}

/**
 * @param replaces the container of an earlier run  @param undo gets what removes the new one again
 * @returns its id; it runs, and its first hooks have succeeded
 */
export async function createDevContainer(
  connection: EngineConnection,
  planned: Planned,
  replaces: string | undefined,
  undo: AsyncDisposableStack,
  steps: Steps,
): Promise<string> {
  const { file, config, workspace, image } = planned;
  const { signal } = steps;
  const defaults = (image.Config ?? {}) as OciContainerDefaults;
  const metadata = readMetadataLabel(defaults.Labels?.[METADATA_LABEL]);
  const merged = mergeConfig(metadata, config);
  const labels = {
    ...planned.labels,
    [LABELS.hash]: planned.hash,
    [LABELS.inside]: workspace.folder,
    [METADATA_LABEL]: JSON.stringify([...metadata, config]),
  };
  const made = containerRequest({
    config: { ...merged, containerEnv: expandContainer(merged.containerEnv ?? {}, envOf(defaults)) },
    image: config.image ?? planned.buildTag,
    defaults,
    workspaceMount: workspace.mount,
    workspaceFolder: workspace.folder,
    labels,
    editorMounts: planned.editorMounts,
    localEnv: planned.localEnv,
  });
  const [problem] = made.problems;
  if (problem !== undefined) throw file.errorAt(problem.path, problem.message);
  if (replaces !== undefined) await setAside(connection, replaces, undo, steps);
  steps.begin('Creating the container');
  const name = made.name ?? planned.name;
  // not cancelled half-way: a container whose id never arrived could not be removed
  const { Id } = await connection.call<{ Id: string }>('POST', '/containers/create', {
    query: { name: `${name}${UNFINISHED}`, platform: made.platform },
    body: made.request,
  });
  undo.defer(async () => await removeContainer(connection, Id));
  signal.throwIfAborted();
  try {
    await connection.call('POST', `/containers/${Id}/start`, { signal });
  } catch (error) {
    throw await explainStart(connection, Id, error);
  }
  await finish(connection, Id, made.remoteUser, planned, merged, steps);
  if (replaces !== undefined) await removeContainer(connection, replaces);
  await connection.call('POST', `/containers/${Id}/rename`, { query: { name } });
  return Id;
}

/** The old container gives up its ports; it is removed when the new one is good, and runs again when that fails. */
async function setAside(
  connection: EngineConnection,
  id: string,
  undo: AsyncDisposableStack,
  { begin, signal }: Steps,
): Promise<void> {
  const { State, Name } = await connection.call<ContainerInspectResponse>('GET', `/containers/${id}/json`, { signal });
  if (isUnfinished([Name ?? ''])) return await removeContainer(connection, id);
  if (State?.Running !== true) return;
  begin('Stopping the old container');
  undo.defer(async () => await connection.call('POST', `/containers/${id}/start`));
  await connection.call('POST', `/containers/${id}/stop`, { query: { t: 3 } });
}

/** The user's ids, then the hooks of a new container. */
async function finish(
  connection: EngineConnection,
  id: string,
  remoteUser: string,
  { workspace, labels }: Planned,
  config: ReturnType<typeof mergeConfig>,
  steps: Steps,
): Promise<void> {
  const { signal } = steps;
  let user = await lookUpUser(connection, id, remoteUser, signal);
  const copy = labels[LABELS.workspace];
  const ids = localIds();
  if (copy !== undefined) {
    if (user.uid !== 0) await giveCopyTo(connection, copy, user, signal);
  } else if (ids !== undefined && config.updateRemoteUserUID !== false) {
    if (await matchUserId(connection, id, user, ids, signal))
      user = await lookUpUser(connection, id, remoteUser, signal);
  }
  const { Config = {} } = await connection.call<ContainerInspectResponse>('GET', `/containers/${id}/json`, { signal });
  const env = await remoteEnvironment(connection, id, user, config, Config.Env ?? [], signal);
  const place: HookPlace = { connection, container: id, user: user.name, cwd: workspace.folder, env };
  for (const hook of hookOrder(config).before) {
    // the last one is due at every start
    if (hook !== 'postStartCommand') await runHook(hook, config.hooks[hook], place, steps);
  }
}

/** A container that is gone is no error. */
export async function removeContainer(connection: EngineConnection, id: string): Promise<void> {
  try {
    await connection.call('DELETE', `/containers/${id}`, { query: { force: true, v: true } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-found';
}

function envOf({ Env = [] }: OciContainerDefaults): Record<string, string> {
  return Object.fromEntries(Env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
