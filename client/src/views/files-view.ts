/** The *Files* view: the files of one container. */
import * as vscode from 'vscode';
import { messageOf } from '#model/engine-api/errors.ts';
import type { ContainerFiles } from '../files/container-files.ts';
import { type FileNode, FILES_SCHEME } from '../files/file-uri.ts';
import { bytes } from '../explorer/words.ts';

export interface FilesView extends vscode.Disposable {
  show(container: string, name: string): Promise<void>;
  refresh(): void;
}

interface Row extends FileNode {
  readonly name: string;
  readonly description: string;
  /** What went wrong, in place of a folder's contents. */
  readonly error?: string;
}

export function filesView(filesOf: (container: string) => ContainerFiles): FilesView {
  const changed = new vscode.EventEmitter<undefined>();
  let shown: string | undefined;
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    async getChildren(row) {
      const container = row?.container ?? shown;
      if (container === undefined) return [];
      const folder = row?.path ?? '/';
      try {
        return (await filesOf(container).list(folder)).map(({ name, kind, link, size }) => ({
          file: kind,
          container,
          path: `${folder === '/' ? '' : folder}/${name}`,
          name,
          description: [kind === 'file' ? bytes(size) : '', link ? 'link' : ''].filter(Boolean).join(' · '),
        }));
      } catch (error) {
        const text = messageOf(error);
        return [{ file: 'other', container, path: `${folder}/`, name: text, description: '', error: text }];
      }
    },
  };
  const view = vscode.window.createTreeView('slipway.files', { treeDataProvider: provider, showCollapseAll: true });
  return {
    async show(container, name) {
      shown = container;
      view.description = name;
      await vscode.commands.executeCommand('setContext', 'slipway.filesShown', true);
      changed.fire(undefined);
      await vscode.commands.executeCommand('slipway.files.focus');
    },
    refresh: () => changed.fire(undefined),
    dispose() {
      view.dispose();
      changed.dispose();
    },
  };
}

function itemOf(row: Row): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.name, row.file === 'folder' ? Collapsed : None);
  item.id = `${row.container}${row.path}`;
  item.description = row.description;
  item.tooltip = row.error ?? row.path;
  if (row.error !== undefined) {
    item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    return item;
  }
  item.resourceUri = uriOf(row);
  item.iconPath = row.file === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  item.contextValue = row.file;
  item.accessibilityInformation = { label: [row.name, row.file, row.description].filter(Boolean).join(', ') };
  if (row.file === 'file') item.command = { command: 'vscode.open', title: 'Open', arguments: [uriOf(row)] };
  return item;
}

function uriOf({ container, path }: FileNode): vscode.Uri {
  return vscode.Uri.from({ scheme: FILES_SCHEME, authority: container, path });
}
