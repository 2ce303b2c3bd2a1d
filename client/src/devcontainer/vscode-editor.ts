/** EditorPort on VS Code. */
import * as vscode from 'vscode';
import type { AttachConfiguration } from '../debug/attach-configuration.ts';
import type { DebugHandle, EditorPort } from './editor-port.ts';

/** Marks a debug session as ours: VS Code tells of sessions, not of what startDebugging has started. */
const MARK = '__slipwaySession';

/** Settings that make an editor a person's own, or keep it quiet: those that are set go into the container. */
const CARRIED = [
  'chat.disableAIFeatures',
  'editor.fontFamily',
  'editor.fontSize',
  'editor.formatOnSave',
  'editor.minimap.enabled',
  'editor.wordWrap',
  'extensions.autoCheckUpdates',
  'extensions.autoUpdate',
  'extensions.ignoreRecommendations',
  'files.autoSave',
  'git.autofetch',
  'json.schemaDownload.enable',
  'npm.fetchOnlinePackageInfo',
  'remote.autoForwardPorts',
  'telemetry.telemetryLevel',
  'terminal.integrated.fontSize',
  'typescript.disableAutomaticTypeAcquisition',
  'update.mode',
  'workbench.colorTheme',
  'workbench.enableExperiments',
  'workbench.iconTheme',
  'workbench.secondarySideBar.defaultVisibility',
] as const;

function personalSettings(): Readonly<Record<string, unknown>> {
  const settings = vscode.workspace.getConfiguration();
  const own = CARRIED.map((key): [string, unknown] => [key, settings.inspect(key)?.globalValue]);
  return Object.fromEntries(own.filter(([, value]) => value !== undefined));
}

export function vscodeEditor(context: Pick<vscode.ExtensionContext, 'globalStorageUri'>): EditorPort {
  let started = 0;
  return {
    workspaceFolders: () =>
      (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
    async openAt({ file, line, column }) {
      const position = new vscode.Position(line - 1, column - 1);
      const document = await vscode.workspace.openTextDocument(file);
      await vscode.window.showTextDocument(document, { selection: new vscode.Range(position, position) });
    },
    places: () => ({
      appRoot: vscode.env.appRoot,
      execPath: process.execPath,
      configured: vscode.workspace.getConfiguration('slipway').get('devContainer.serverPath', ''),
    }),
    personalSettings,
    storage: context.globalStorageUri.fsPath,
    async startDebugging(folder, configuration) {
      return await start(folder, configuration, `${process.pid}-${++started}`);
    },
  };
}

async function start(
  folder: string | undefined,
  configuration: AttachConfiguration,
  mark: string,
): Promise<DebugHandle | undefined> {
  const ended = Promise.withResolvers<void>();
  let session: vscode.DebugSession | undefined;
  const isOurs = (one: vscode.DebugSession): boolean =>
    one.configuration[MARK] === mark && one.parentSession === undefined;
  const listeners = [
    vscode.debug.onDidStartDebugSession((one) => {
      if (isOurs(one)) session = one;
    }),
    vscode.debug.onDidTerminateDebugSession((one) => {
      if (!isOurs(one)) return;
      for (const listener of listeners) listener.dispose();
      ended.resolve();
    }),
  ];
  const where = folder === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder));
  if (!(await vscode.debug.startDebugging(where, { ...configuration, [MARK]: mark }))) {
    for (const listener of listeners) listener.dispose();
    return undefined;
  }
  return {
    onEnd: (listener) => void ended.promise.then(listener),
    stop: () => {
      if (session !== undefined) void vscode.debug.stopDebugging(session);
    },
  };
}
