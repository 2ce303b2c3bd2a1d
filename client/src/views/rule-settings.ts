/** Severities of rules in the settings: `slipway.lint.rules`. */
import * as vscode from 'vscode';
import type { TurnedOff } from '../commands/deps.ts';

/** In the narrowest place that names the rule already, else in the workspace's settings; without a workspace in the user's. */
export async function turnRuleOff(uri: string, rule: string): Promise<TurnedOff> {
  const settings = vscode.workspace.getConfiguration('slipway.lint', vscode.Uri.parse(uri));
  const set = settings.inspect<Readonly<Record<string, string>>>('rules');
  const inFolder = set?.workspaceFolderValue?.[rule] !== undefined;
  const inWorkspace = vscode.workspace.workspaceFolders !== undefined;
  const where = inFolder ? 'folder' : inWorkspace ? 'workspace' : 'user';
  const before = { folder: set?.workspaceFolderValue, workspace: set?.workspaceValue, user: set?.globalValue }[where];
  const target = {
    folder: vscode.ConfigurationTarget.WorkspaceFolder,
    workspace: vscode.ConfigurationTarget.Workspace,
    user: vscode.ConfigurationTarget.Global,
  }[where];
  await settings.update('rules', { ...before, [rule]: 'off' }, target);
  return { where, undo: async () => await settings.update('rules', before, target) };
}
