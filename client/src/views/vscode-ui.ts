/** The user interface on VS Code. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { openProgramTerminal } from './program-terminal.ts';
import type { Action, PickItem, Ui } from './ui.ts';

/** Work that is done sooner needs no notification. */
const PATIENCE_MS = 400;

export function vscodeUi(subscriptions: vscode.Disposable[]): Ui {
  const log = vscode.window.createOutputChannel('Slipway', { log: true });
  const documents = readOnlyDocuments();
  const channels = new Map<string, vscode.OutputChannel>();
  subscriptions.push(log, documents, {
    dispose: () => {
      for (const channel of channels.values()) channel.dispose();
    },
  });
  const showLog: Action = { label: 'Show Log', run: () => log.show() };
  const error = (message: string, ...actions: readonly Action[]): void => {
    log.error(message);
    process.stderr.write(`slipway: ${message}\n`); // for whoever watches the server that runs us
    offer(vscode.window.showErrorMessage, message, [...actions, showLog], error);
  };
  return {
    pick,
    ask,
    async confirm(message, detail, action, other) {
      const labels = [action, ...(other === undefined ? [] : [other.label])];
      const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...labels);
      if (chosen === other?.label) await other?.run();
      return chosen === action;
    },
    info: (message, ...actions) => offer(vscode.window.showInformationMessage, message, actions, error),
    warn: (message, ...actions) => offer(vscode.window.showWarningMessage, message, [...actions, showLog], error),
    error,
    progress,
    log: (line) => log.info(line),
    showLog: () => log.show(),
    channel(name) {
      const channel = channels.get(name) ?? vscode.window.createOutputChannel(name);
      channels.set(name, channel);
      return {
        append: (text) => channel.append(text),
        appendLine: (line) => channel.appendLine(line),
        clear: () => channel.clear(),
        show: () => channel.show(true),
      };
    },
    openText: documents.openText,
    openTerminal: openProgramTerminal,
    openShell(name, env) {
      vscode.window.createTerminal({ name, env, iconPath: new vscode.ThemeIcon('server') }).show();
    },
    runProgram,
    async save(path) {
      const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === path);
      if (open?.isDirty === true && !(await open.save())) {
        throw new EngineError('conflict', `${path} could not be saved: save it first.`);
      }
    },
    async chooseFiles(title) {
      const chosen = await vscode.window.showOpenDialog({ title, openLabel: 'Upload', canSelectMany: true });
      return (chosen ?? []).map(({ fsPath }) => fsPath);
    },
    async chooseTarget(name) {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
      const defaultUri = vscode.Uri.joinPath(folder, name);
      return (await vscode.window.showSaveDialog({ defaultUri, saveLabel: 'Download' }))?.fsPath;
    },
    async openWalkthrough(id) {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `slipway.slipway#${id}`, false);
      // Steps are done by what becomes true while VS Code knows the walkthrough, not by what was true before.
      await vscode.commands.executeCommand('setContext', 'slipway.walkthroughOpened', true);
    },
    async openExternal(url) {
      await vscode.env.openExternal(vscode.Uri.parse(url, true));
    },
    copy: async (text) => await vscode.env.clipboard.writeText(text),
  };
}

const runProgram: Ui['runProgram'] = (name, { program, args, cwd, env }) => {
  const hasFolder = (vscode.workspace.workspaceFolders ?? []).length > 0;
  const task = new vscode.Task(
    { type: 'process' },
    hasFolder ? vscode.TaskScope.Workspace : vscode.TaskScope.Global,
    name,
    'Slipway',
    new vscode.ProcessExecution(program, [...args], { cwd, env: { ...env } }),
  );
  task.presentationOptions = { panel: vscode.TaskPanelKind.Dedicated, clear: true };
  vscode.tasks.executeTask(task).then(undefined, (error: unknown) => {
    void vscode.window.showErrorMessage(`${program} could not be started: ${messageOf(error)}`);
  });
};

function offer(
  show: (message: string, ...labels: string[]) => Thenable<string | undefined>,
  message: string,
  actions: readonly Action[],
  onError: (message: string) => void,
): void {
  const run = async (): Promise<void> => {
    const chosen = await show(message, ...actions.map(({ label }) => label));
    await actions.find(({ label }) => label === chosen)?.run();
  };
  run().catch((error: unknown) => {
    if (!(error instanceof EngineError && error.code === 'cancelled')) onError(messageOf(error));
  });
}

async function pick<T>(
  title: string,
  items: readonly PickItem<T>[],
  options: { readonly placeholder?: string } = {},
): Promise<T | undefined> {
  const rows = items.map(({ icon, ...item }) => ({
    ...item,
    ...(icon === undefined ? {} : { iconPath: new vscode.ThemeIcon(icon) }),
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    title,
    matchOnDescription: true,
    ...(options.placeholder === undefined ? {} : { placeHolder: options.placeholder }),
  });
  return picked?.value;
}

const ask: Ui['ask'] = async ({ prompt, title, placeholder, value, secret, validate }) =>
  await vscode.window.showInputBox({
    prompt,
    password: secret === true,
    ignoreFocusOut: true,
    ...(title === undefined ? {} : { title }),
    ...(placeholder === undefined ? {} : { placeHolder: placeholder }),
    ...(value === undefined ? {} : { value }),
    ...(validate === undefined ? {} : { validateInput: validate }),
  });

const progress: Ui['progress'] = async (title, work) => {
  const controller = new AbortController();
  let latest: { readonly message: string; readonly percent?: number } = { message: '' };
  let show = (): void => undefined;
  const running = work((message, percent) => {
    latest = { message, ...(percent === undefined ? {} : { percent }) };
    show();
  }, controller.signal);
  const soon = await Promise.race([
    running.then(
      () => true,
      () => true,
    ),
    new Promise<false>((resolve) => setTimeout(resolve, PATIENCE_MS, false)),
  ]);
  if (soon) return await running;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return await vscode.window.withProgress(options, async (bar, token) => {
    let percent = 0;
    show = () => {
      const increment = Math.max(0, (latest.percent ?? percent) - percent);
      percent += increment;
      bar.report({ message: latest.message, increment });
    };
    show();
    const cancelled = new Promise<never>((_, reject) => {
      token.onCancellationRequested(() => {
        controller.abort();
        reject(new EngineError('cancelled', 'Cancelled.'));
      });
    });
    return await Promise.race([running, cancelled]);
  });
};

const SCHEME = 'slipway';

/** Documents that are nowhere on disk and that nobody edits; forgotten when they are closed. */
function readOnlyDocuments(): vscode.Disposable & Pick<Ui, 'openText'> {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registrations = [
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.path) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === SCHEME) texts.delete(document.uri.path);
    }),
    changed,
  ];
  return {
    async openText(name, language, text) {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
      texts.set(uri.path, text);
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.languages.setTextDocumentLanguage(document, language);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose: () => {
      for (const registration of registrations) registration.dispose();
    },
  };
}
