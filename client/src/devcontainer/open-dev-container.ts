/** From a folder with a devcontainer.json to a running container with an editor in it. */
import { hostname } from 'node:os';
import { EngineError } from '#model/engine-api/errors.ts';
import type { LifecycleCommand, LifecycleHook } from '#model/devcontainer/config.ts';
import { mergeConfig, METADATA_LABEL, type MergedConfig, readMetadataLabel } from '#model/devcontainer/merge.ts';
import type { VariableContext } from '#model/devcontainer/variables.ts';
import { hookOrder } from '#model/devcontainer/wait-for.ts';
import { expandConfig, workspacePlan } from '#model/devcontainer/workspace.ts';
import type { ContainerInspectResponse, Mount } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { SyncSession } from '../sync/sync-session.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { createDevContainer, isUnfinished, type Planned } from './create-dev-container.ts';
import { type EditorServer, ensureEditorServer } from './editor-server.ts';
import type { EditorSource } from './editor-source.ts';
import { ensureImage } from './ensure-image.ts';
import { type HookPlace, runHook, runInitialize } from './hooks.ts';
import { configHash, devcontainerId, findContainer, idLabels, LABELS, nameFor } from './identity.ts';
import { placeEditor } from './place-editor.ts';
import { lookUpUser, remoteEnvironment } from './remote-user.ts';
import { sideBySide } from './side-by-side.ts';
import type { Steps } from './steps.ts';

export interface OpenRequest {
  readonly connection: EngineConnection;
  /** Of this machine. */
  readonly folder: string;
  readonly configFile: string;
  /** Make the container anew, from the newest image. */
  readonly rebuild: boolean;
}

export interface OpenDeps {
  readonly editor: EditorSource;
  readonly cacheFolder: string;
  /** Slipway's folder on SSH hosts. */
  readonly engineHome: string;
  /** EXTENSIONS_GALLERY of this editor's own server. */
  readonly gallery: string | undefined;
  /** The person's own settings that the editor in the container begins with. */
  readonly personalSettings: Readonly<Record<string, unknown>>;
  readonly localEnv: (name: string) => string | undefined;
  /** Copies the folder to the host and keeps the copy in step; for hosts that do not see this machine's files. */
  readonly sync: (request: OpenRequest, name: string, steps: Steps) => Promise<SyncSession>;
  /** Ends the sync and removes the copy; only of one that was made in this run. */
  readonly dropSync: (request: OpenRequest, name: string) => Promise<void>;
  /** May commands of the configuration run on this machine? */
  readonly allowInitialize: (commands: readonly LifecycleCommand[]) => Promise<boolean>;
  /** The configuration is another one than the container was made from. undefined: do nothing. */
  readonly onChanged: () => Promise<'rebuild' | 'reopen' | undefined>;
}

export interface OpenedContainer {
  readonly id: string;
  readonly name: string;
  readonly config: MergedConfig;
  /** The workspace in the container. */
  readonly folder: string;
  readonly server: EditorServer;
  readonly place: HookPlace;
  readonly made: 'created' | 'started' | 'reused';
  /** Hooks that are due when the editor is open, in their order. */
  readonly later: readonly LifecycleHook[];
}

/** Throws EngineErrors; then nothing of what this run has made is left but a complete image. */
export async function openDevContainer(request: OpenRequest, deps: OpenDeps, steps: Steps): Promise<OpenedContainer> {
  try {
    return await open(request, deps, steps);
  } catch (error) {
    if (steps.signal.aborted) throw new EngineError('cancelled', 'Cancelled.', { cause: error });
    throw error;
  }
}

async function open(request: OpenRequest, deps: OpenDeps, steps: Steps): Promise<OpenedContainer> {
  const { connection, folder, configFile } = request;
  await using undo = new AsyncDisposableStack();
  const file = await readConfigFile(configFile);
  for (const { line, column, message } of file.warnings) steps.log(`${configFile}:${line}:${column}: ${message}\n`);
  const labels = idLabels(folder, configFile);
  const existing = await findContainer(connection, labels, steps.signal);
  const allowed = await initialize(request, file, existing !== undefined, deps, steps);
  if (!allowed) throw new EngineError('cancelled', 'Cancelled: initializeCommand was not allowed.');
  const hostFolder = await folderOnHost(request, deps, undo, steps);
  const planned = plan(request, file, { hostFolder, labels, localEnv: deps.localEnv });
  const hash = await configHash(configFile, file.config, { hostFolder, editorVersion: deps.editor.version });
  const usable = isUnfinished(existing?.Names) ? undefined : existing?.Id;
  const known = usable === undefined ? undefined : await reusable(request, usable, hash, deps, steps);
  const container =
    known === undefined
      ? await create(request, existing?.Id, { ...planned, hash }, deps, undo, steps)
      : await startAgain(request, known, deps, steps);
  const opened = await startEditor(request, container, deps, steps);
  undo.move();
  return opened;
}

/** initializeCommand runs on this machine, so the person is asked; a known container means a known configuration. */
async function initialize(
  { folder }: OpenRequest,
  { config }: ConfigFile,
  known: boolean,
  deps: OpenDeps,
  steps: Steps,
): Promise<boolean> {
  if (config.initializeCommand === undefined) return true;
  if (!known && !(await deps.allowInitialize([config.initializeCommand]))) return false;
  await runInitialize([config.initializeCommand], folder, steps);
  return true;
}

/** An engine on this machine mounts the folder itself; an SSH host gets a copy that is kept in step. */
async function folderOnHost(
  request: OpenRequest,
  deps: OpenDeps,
  undo: AsyncDisposableStack,
  steps: Steps,
): Promise<string> {
  if (request.connection.kind !== 'ssh') return request.folder;
  const name = nameFor(request.folder, hostname());
  const at = `/slipway/v1/workspaces/${name}`;
  const known = await request.connection.call('GET', at, { signal: steps.signal }).then(
    () => true,
    () => false,
  );
  if (!known) undo.defer(async () => await deps.dropSync(request, name));
  steps.begin(`Copying the folder to ${request.connection.label}`);
  return (await deps.sync(request, name, steps)).workspace.directory;
}

function plan(
  { folder, connection }: OpenRequest,
  file: ConfigFile,
  given: {
    readonly hostFolder: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly localEnv: OpenDeps['localEnv'];
  },
): Omit<Planned, 'hash' | 'image' | 'editorMounts'> {
  const { hostFolder, labels, localEnv } = given;
  const id = devcontainerId(labels);
  const name = nameFor(folder, hostname());
  const context: VariableContext = {
    localWorkspaceFolder: folder,
    containerWorkspaceFolder: '',
    localEnv,
    devcontainerId: id,
  };
  const workspace = workspacePlan(file.config, hostFolder, context);
  const config = expandConfig(file.config, hostFolder, { ...context, containerWorkspaceFolder: workspace.folder });
  return {
    file,
    config,
    workspace,
    labels: connection.kind === 'ssh' ? { ...labels, [LABELS.workspace]: name } : labels,
    localEnv,
    buildTag: `slipway-dev-${name}`,
    name,
  };
}

interface Ready {
  readonly id: string;
  readonly made: OpenedContainer['made'];
}

/** The container that is there; undefined when it must be made anew. */
async function reusable(
  { connection, rebuild }: OpenRequest,
  id: string,
  hash: string,
  deps: OpenDeps,
  steps: Steps,
): Promise<ContainerInspectResponse | undefined> {
  if (rebuild) return undefined;
  const { signal } = steps;
  const found = await connection.call<ContainerInspectResponse>('GET', `/containers/${id}/json`, { signal });
  if (found.Config?.Labels?.[LABELS.hash] === hash) return found;
  const choice = await deps.onChanged();
  if (choice === undefined) throw new EngineError('cancelled', 'Cancelled.');
  return choice === 'rebuild' ? undefined : found;
}

async function startAgain(
  request: OpenRequest,
  { Id: id = '', State }: ContainerInspectResponse,
  deps: OpenDeps,
  steps: Steps,
): Promise<Ready> {
  await editorOnHost(request, deps, steps);
  if (State?.Running === true) return { id, made: 'reused' };
  steps.begin('Starting the container');
  await request.connection.call('POST', `/containers/${id}/start`, { signal: steps.signal });
  return { id, made: 'started' };
}

/** Where the host is far away, sending the editor and pulling the image take the longest, over connections of their own. */
async function create(
  request: OpenRequest,
  old: string | undefined,
  planned: Omit<Planned, 'image' | 'editorMounts'>,
  deps: OpenDeps,
  undo: AsyncDisposableStack,
  steps: Steps,
): Promise<Ready> {
  const { connection, rebuild: fresh } = request;
  const { file, config, buildTag } = planned;
  const [editorMounts, image] = await sideBySide(
    steps,
    (part) => editorOnHost(request, deps, part),
    (part) => ensureImage(connection, file, config, { buildTag, fresh }, part),
  );
  const id = await createDevContainer(connection, { ...planned, editorMounts, image }, old, undo, steps);
  return { id, made: 'created' };
}

async function editorOnHost({ connection }: OpenRequest, deps: OpenDeps, steps: Steps): Promise<readonly Mount[]> {
  const { editor, cacheFolder, engineHome: home } = deps;
  return await placeEditor(connection, editor, { cacheFolder, home }, steps);
}

/** Hooks that are due, then the editor's server. Also for containers of an earlier run. */
async function startEditor(
  { connection }: OpenRequest,
  { id, made }: Ready,
  deps: OpenDeps,
  steps: Steps,
): Promise<OpenedContainer> {
  const { signal } = steps;
  const inspected = await connection.call<ContainerInspectResponse>('GET', `/containers/${id}/json`, { signal });
  const { Config = {}, Name = id } = inspected;
  const metadata = readMetadataLabel(Config.Labels?.[METADATA_LABEL]);
  const config = mergeConfig(metadata.slice(0, -1), metadata.at(-1) ?? {});
  const user = await lookUpUser(connection, id, config.remoteUser ?? (Config.User || 'root'), signal);
  const folder = Config.Labels?.[LABELS.inside] ?? Config.WorkingDir ?? '/';
  const env = await remoteEnvironment(connection, id, user, config, Config.Env ?? [], signal);
  const place: HookPlace = { connection, container: id, user: user.name, cwd: folder, env };
  const { before, later } = hookOrder(config);
  if (made !== 'reused' && before.includes('postStartCommand'))
    await runHook('postStartCommand', config.hooks.postStartCommand, place, steps);
  steps.begin("Starting the editor's server");
  const { extensions, settings } = config;
  const { gallery } = deps;
  const personalSettings = {
    'window.title': windowTitle(config.name),
    // The folder has been seen outside, and a page that opens by itself takes the keyboard from who types already.
    'workbench.startupEditor': 'none',
    ...deps.personalSettings,
  };
  const options = { version: deps.editor.version, extensions, settings, gallery, personalSettings };
  const server = await ensureEditorServer(place, options, steps);
  const due = later.filter((hook) => made === 'created' || (made === 'started' && hook === 'postStartCommand'));
  return {
    id,
    name: Name.replace(/^\//, ''),
    config,
    folder,
    server,
    place,
    made,
    later: [...due, 'postAttachCommand'],
  };
}

/** Tells the tab of the editor in the container from that of the local folder, which has the same name. */
function windowTitle(name = ''): string {
  const said = name === '' ? 'Dev Container' : `Dev Container: ${name.replaceAll('${', '$ {')}`;
  return `\${dirty}\${activeEditorShort}\${separator}\${rootName} [${said}]`;
}
