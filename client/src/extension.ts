/** Build, register, return: the one place where the extension's parts are put together. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { resourceCommands, workspaceCommands } from './commands/all.ts';
import { devSessions } from './devcontainer/dev-sessions.ts';
import type { DevDeps } from './devcontainer/editor-port.ts';
import { resumeDevContainers } from './devcontainer/resume.ts';
import { vscodeEditor } from './devcontainer/vscode-editor.ts';
import { activeHost } from './hosts/active-host.ts';
import { type ConnectDeps, connectHost, ENGINE_HOME, type EngineSettings } from './hosts/connect.ts';
import { type HostList, hostList } from './hosts/host-list.ts';
import { filesOf } from './files/files-of.ts';
import { hostId, parseHostId, readSavedHosts, type SavedHost } from './hosts/saved-host.ts';
import { listSshHosts } from './hosts/ssh/config.ts';
import { knownImages } from './language/known-images.ts';
import { languageServer } from './language/language-client.ts';
import { hostsToConnect, withWanted } from './hosts/start-up.ts';
import { findCompose } from './terminal/find-compose.ts';
import { portTunnels } from './tunnel/port-tunnels.ts';
import { containerFileSystem } from './views/container-file-system.ts';
import { showExplorer } from './views/explorer.ts';
import { filesView } from './views/files-view.ts';
import { registerCommands } from './views/register.ts';
import { offerInstall, sshPrompts } from './views/ssh-prompts.ts';
import { turnRuleOff } from './views/rule-settings.ts';
import { terminalEnvironment } from './views/terminal-environment.ts';
import type { Ui } from './views/ui.ts';
import { vscodeUi } from './views/vscode-ui.ts';

const DEFAULT_SOCKET = '/run/slipway/slipway.sock';
const HOSTS = 'slipway.hosts';
const CONNECTED = 'slipway.connectedHosts';
const ACTIVE = 'slipway.activeHost';

export function activate(context: vscode.ExtensionContext): void {
  const { subscriptions, globalState, workspaceState, extensionUri } = context;
  const ui = vscodeUi(subscriptions);
  const wanted = parseHostId(process.env['SLIPWAY_CONNECT'] ?? '');
  const hosts = savedHosts(context, wanted, ui);
  const active = activeHost(hosts, {
    get: () => workspaceState.get(ACTIVE),
    set: (id) => workspaceState.update(ACTIVE, id),
  });
  const explorer = showExplorer(hosts, active, ui);
  const terminals = terminalEnvironment(
    context.environmentVariableCollection,
    active,
    () => engineSettings().localSocket,
    ui,
    process.env['SLIPWAY_TERMINAL_PATH'],
  );
  const sessions = devSessions();
  const ofContainer = filesOf(hosts, explorer.snapshot);
  const files = filesView(ofContainer);
  const ports = portTunnels((id) => hosts.connection(id), ui.log);
  const deps: DevDeps = {
    editor: vscodeEditor(context),
    sessions,
    ui,
    hosts,
    active,
    snapshot: explorer.snapshot,
    refresh: explorer.refresh,
    sshHosts: () => listSshHosts(),
    dockerHost: terminals.current,
    ports,
    files: { ...files, of: ofContainer },
    engineHome: ENGINE_HOME,
    folders: openFolders,
    findCompose: (signal) => findCompose(terminals.searchPath, signal),
    turnRuleOff,
  };
  subscriptions.push(
    explorer,
    terminals,
    files,
    containerFileSystem(ofContainer, files.refresh),
    languageServer(extensionUri, ui, (prefix) =>
      knownImages(explorer.snapshot(active.connection()?.id ?? '')?.images ?? [], prefix),
    ),
    ...registerCommands(resourceCommands, deps, ui),
    ...registerCommands(workspaceCommands, deps, ui),
    { dispose: resumeDevContainers(deps) },
    { dispose: () => void sessions[Symbol.asyncDispose]() },
    { dispose: () => void ports[Symbol.asyncDispose]() },
    { dispose: () => void hosts[Symbol.asyncDispose]() },
  );
  rememberConnected(hosts, globalState);
  const remembered = globalState.get<readonly string[]>(CONNECTED, []);
  const localSocketExists = existsSync(engineSettings().localSocket);
  for (const id of hostsToConnect(hosts.all(), { wanted, remembered, localSocketExists })) {
    // Who asked for the host watches it being connected to; for the others the row says what is wrong.
    if (wanted !== undefined) void vscode.commands.executeCommand('slipway.connectHost', id);
    else hosts.connect(id).catch(() => undefined);
  }
}

function openFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

function savedHosts(
  { globalState, extensionUri }: vscode.ExtensionContext,
  wanted: SavedHost | undefined,
  ui: Ui,
): HostList {
  const lend = Number(process.env['SLIPWAY_LEND_PORT'] ?? 0);
  const deps: ConnectDeps = {
    agentFolder: vscode.Uri.joinPath(extensionUri, 'dist', 'agent').fsPath,
    settings: engineSettings,
    prompts: sshPrompts(ui, new Map()),
    onLack: offerInstall(ui),
    log: ui.log,
    ...(lend > 0 ? { lend } : {}),
  };
  return hostList({
    saved: withWanted(readSavedHosts(globalState.get(HOSTS, ['local'])), wanted),
    save: (list) => globalState.update(HOSTS, list.map(hostId)),
    connect: (host, options) => connectHost(host, deps, options),
    log: ui.log,
    onLost: (label, reason) => ui.warn(`${label}: ${reason} Trying to get it back.`),
  });
}

function engineSettings(): EngineSettings {
  const settings = vscode.workspace.getConfiguration('slipway');
  return {
    localSocket: process.env['SLIPWAY_SOCKET'] ?? settings.get('local.socket', DEFAULT_SOCKET),
    remoteSocket: settings.get('engine.socket', DEFAULT_SOCKET),
    dataRoot: settings.get('engine.dataRoot', ''),
    registryMirrors: settings.get<readonly string[]>('engine.registryMirrors', []),
    insecureRegistries: settings.get<readonly string[]>('engine.insecureRegistries', []),
  };
}

/** The hosts that were connected last are connected to again at the next start. */
function rememberConnected(hosts: HostList, store: vscode.Memento): void {
  hosts.onChange(() => {
    const settled = hosts.all().every((host) => host.state.kind !== 'connecting');
    if (settled)
      void store.update(
        CONNECTED,
        hosts.connections().map((connection) => connection.id),
      );
  });
}
