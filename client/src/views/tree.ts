/** Shows rows that were computed elsewhere in one of VS Code's trees. */
import * as vscode from 'vscode';
import type { TreeNode } from '../explorer/node.ts';

/** Times in rows (`up 3 minutes`) go on without any news from the engine. */
const REPAINT_MS = 60_000;

export interface ShownTree extends vscode.Disposable {
  /** Computes the rows anew and shows them. */
  update(): void;
}

export function showTree(viewId: string, rows: () => readonly TreeNode[], canSelectMany: boolean): ShownTree {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => [...(node === undefined ? rows() : (node.children ?? []))],
    getTreeItem: treeItem,
  };
  const view = vscode.window.createTreeView(viewId, {
    treeDataProvider: provider,
    canSelectMany,
    showCollapseAll: false,
  });
  const timer = setInterval(() => {
    if (view.visible) changed.fire();
  }, REPAINT_MS);
  return {
    update: () => changed.fire(),
    dispose() {
      clearInterval(timer);
      view.dispose();
      changed.dispose();
    },
  };
}

function treeItem(node: TreeNode): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(
    node.label,
    node.children === undefined ? None : node.expanded === true ? Expanded : Collapsed,
  );
  item.id = node.key;
  item.contextValue = node.context;
  item.iconPath = new vscode.ThemeIcon(
    node.icon,
    node.iconColor === undefined ? undefined : new vscode.ThemeColor(node.iconColor),
  );
  if (node.description !== undefined) item.description = node.description;
  if (node.tooltip !== undefined) item.tooltip = new vscode.MarkdownString(node.tooltip);
  if (node.command !== undefined) {
    item.command = { command: node.command.id, title: node.command.title, arguments: [node] };
  }
  item.accessibilityInformation = { label: [node.label, node.description ?? ''].join(', ') };
  return item;
}
