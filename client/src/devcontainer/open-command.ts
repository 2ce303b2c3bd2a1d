/** *Open Dev Container*: choose, open with progress and a log, tunnel, show the editor. */
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { pickConnection } from '../commands/deps.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { measureMounted } from '../sync/measure-mounted.ts';
import { removeCopy } from '../sync/host-copy.ts';
import { startFolderSync, syncChannel } from '../sync/start-folder-sync.ts';
import type { ProgressReport } from '../views/ui.ts';
import { copyBackCommand } from './copy-back-command.ts';
import { findConfigFiles, placeOf } from './config-file.ts';
import type { DevSession } from './dev-sessions.ts';
import type { DevDeps } from './editor-port.ts';
import { findEditorSource } from './editor-source.ts';
import { writeFirstConfig } from './first-config.ts';
import { runHook } from './hooks.ts';
import { type OpenDeps, openDevContainer, type OpenedContainer, type OpenRequest } from './open-dev-container.ts';
import { EDITOR_NODE } from './place-editor.ts';
import type { Steps } from './steps.ts';
import { openTunnels } from './tunnels.ts';

const CHANNEL = 'Slipway Dev Container';

export async function openCommand(deps: DevDeps, target: unknown, rebuild: boolean): Promise<void> {
  const folder = await pickFolder(deps);
  if (folder === undefined) return;
  const connection = await pickConnection(deps, target, 'Open Dev Container');
  if (connection === undefined) return;
  const isFirst = (await findConfigFiles(folder)).length === 0;
  const configFile = isFirst ? await writeFirstConfig(deps, folder) : await pickConfig(deps, folder);
  if (configFile === undefined) return;
  const request = { connection, folder, configFile, rebuild };
  const session = deps.sessions.of(connection.id, folder);
  await openWithProgress(deps, session, request);
}

async function openWithProgress(deps: DevDeps, session: DevSession, request: OpenRequest): Promise<void> {
  const { connection, folder, configFile, rebuild } = request;
  const channel = deps.ui.channel(CHANNEL);
  channel.appendLine(
    `\n${new Date().toISOString()} ${rebuild ? 'rebuild' : 'open'} ${configFile} on ${connection.label}`,
  );
  try {
    const title = `Dev container of ${path.basename(folder)}`;
    const url = await deps.ui.progress(title, async (report, signal) => {
      const steps = stepsOn(channel, report, signal);
      // also while a cancelled opening is cleared away, for which the progress does not wait
      return await session.alone(async () => {
        try {
          const opened = await openDevContainer(request, await openDeps(deps, session, report), steps);
          return await connectEditor(deps, session, opened, steps);
        } catch (error) {
          if (session.container() === undefined) await session.endSync();
          throw error;
        }
      });
    });
    await show(deps, path.basename(folder), url);
  } catch (error) {
    await explain(deps, request, error, () => openWithProgress(deps, session, request));
  }
}

export async function pickFolder({ editor, ui }: DevDeps): Promise<string | undefined> {
  const [only, ...others] = editor.workspaceFolders();
  if (only === undefined)
    throw new EngineError('not-found', 'Open a folder first: a dev container is made for a folder.');
  if (others.length === 0) return only;
  const items = [only, ...others].map((value) => ({ label: path.basename(value), description: value, value }));
  return await ui.pick('Open Dev Container', items, { placeholder: 'For which folder?' });
}

export async function pickConfig({ ui }: DevDeps, folder: string): Promise<string | undefined> {
  const [only, ...others] = await findConfigFiles(folder);
  if (only === undefined) {
    throw new EngineError('not-found', `There is no dev container configuration in ${folder}.`);
  }
  if (others.length === 0) return only;
  const items = [only, ...others].map((value) => ({ label: path.relative(folder, value), value }));
  return await ui.pick('Open Dev Container', items, { placeholder: 'Which configuration?' });
}

function stepsOn(
  channel: { append(text: string): void; appendLine(line: string): void },
  report: ProgressReport,
  signal: AbortSignal,
): Steps {
  return {
    signal,
    begin(title) {
      report(title);
      channel.appendLine(`\n[${new Date().toISOString().slice(11, 23)}] ${title}`);
    },
    report,
    log: (text) => channel.append(text),
  };
}

async function openDeps(deps: DevDeps, session: DevSession, report: ProgressReport): Promise<OpenDeps> {
  const { ui, editor } = deps;
  return {
    editor: await findEditorSource(editor.places()),
    cacheFolder: path.join(editor.storage, 'editor'),
    engineHome: deps.engineHome,
    gallery: process.env['EXTENSIONS_GALLERY'],
    personalSettings: editor.personalSettings(),
    localEnv: (name) => process.env[name],
    sync: async ({ connection, folder }, name, { signal }) => {
      const sync = { hostId: connection.id, folder, name };
      const syncDeps = { ui, hosts: deps.hosts, storage: editor.storage, copyBack: () => copyBackCommand(deps) };
      return await session.sync(() => startFolderSync(sync, syncDeps, report, signal));
    },
    dropSync: async ({ connection }, name) => {
      await session.endSync();
      await removeCopy(connection, name);
    },
    allowInitialize: async (commands) =>
      await ui.confirm(
        'This dev container wants to run a command on this machine',
        `initializeCommand in devcontainer.json runs outside of any container:\n\n${commands.map((one) => JSON.stringify(one)).join('\n')}`,
        'Run It',
      ),
    onChanged: async () => {
      let choice: 'rebuild' | 'reopen' | undefined;
      const reopen = { label: 'Open as It Is', run: () => void (choice = 'reopen') };
      const detail =
        'The container was made from another configuration. What is only in it, outside of the workspace, is lost by a rebuild.';
      const rebuild = await ui.confirm('The dev container configuration has changed', detail, 'Rebuild', reopen);
      return rebuild ? 'rebuild' : choice;
    },
  };
}

/** @returns the address of the editor in the container, on this machine */
async function connectEditor(
  deps: DevDeps,
  session: DevSession,
  opened: OpenedContainer,
  steps: Steps,
): Promise<string> {
  const { id, folder, server, config } = opened;
  const live = (): EngineConnection => {
    const connection = deps.hosts.connection(session.hostId);
    if (connection !== undefined) return connection;
    const label = deps.hosts.get(session.hostId)?.label ?? 'The host';
    throw new EngineError('unavailable', `${label} is not connected at the moment.`);
  };
  await using ends = new AsyncDisposableStack();
  const log = (line: string): void => steps.log(`${line}\n`);
  const editorPort = await openTunnels(
    { live, container: id, config, server, node: EDITOR_NODE, log, tell: deps.ui.info, signal: steps.signal },
    ends,
  );
  const where = { container: id, folder };
  const sync = session.currentSync();
  if (sync !== undefined) sync.measureIn(where);
  else ends.use(await measureMounted(session.folder, where, live, syncChannel(deps.ui).line));
  await session.attach(id, ends.move());
  const url = `http://127.0.0.1:${editorPort}${server.path}?folder=${encodeURIComponent(folder)}&tkn=${server.token}`;
  steps.log(`\nThe editor in ${opened.name} (${opened.made}): ${url}\n`);
  void runLater(opened, steps).catch((error: unknown) => deps.ui.warn(messageOf(error)));
  return url;
}

/** While the person works already: a hook that fails is said, those behind it are not run. */
async function runLater({ later, config, place }: OpenedContainer, steps: Steps): Promise<void> {
  const background: Steps = {
    ...steps,
    signal: new AbortController().signal,
    report: () => {},
    begin: (title) => steps.log(`\n${title}, while the editor is open\n`),
  };
  for (const hook of later) await runHook(hook, config.hooks[hook], place, background);
}

async function show({ ui }: DevDeps, name: string, url: string): Promise<void> {
  const open = { label: 'Open', run: () => void ui.openExternal(url) };
  const copy = { label: 'Copy Link', run: () => void ui.copy(url) };
  ui.info(`The dev container of ${name} is ready: its editor is at ${url.replace(/\?.*/, '')}`, open, copy);
  await ui.openExternal(url);
}

/** One message with what can be done next, the log, and the place in the configuration if the error has one. */
async function explain(
  { ui, editor }: DevDeps,
  { folder, configFile }: OpenRequest,
  error: unknown,
  again: () => Promise<void>,
): Promise<void> {
  const channel = ui.channel(CHANNEL);
  if (error instanceof EngineError && error.code === 'cancelled') return channel.appendLine('\nCancelled.');
  const message = messageOf(error).replace(`${folder}${path.sep}`, '');
  channel.appendLine(`\nFailed: ${message}`);
  const cause = error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : message;
  if (cause !== message) channel.appendLine(`The engine said: ${cause}`);
  const place = placeOf(error) ?? { file: configFile, line: 1, column: 1 };
  ui.error(
    message,
    { label: 'Try Again', run: again },
    { label: `Edit ${path.basename(configFile)}`, run: () => editor.openAt(place) },
  );
  if (placeOf(error) === undefined) channel.show();
  else await editor.openAt(place);
}
