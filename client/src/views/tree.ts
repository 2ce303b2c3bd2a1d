/** Shows rows that were computed elsewhere in one of VS Code's trees. */
import * as vscode from 'vscode';
import type { TreeNode } from '../explorer/node.ts';

/** Times in rows (`up 3 minutes`) go on without any news from the engine. */
const REPAINT_MS = 60_000;

export interface ShownTree extends vscode.Disposable {
  /** Computes the rows anew and shows them. */
  update(): void;
  /** Shows what has changed in rows that are there already, and leaves the others alone: menus and tooltips stay open. */
  updateRows(): void;
  isVisible(): boolean;
}

function allOf(rows: readonly TreeNode[]): TreeNode[] {
  return rows.flatMap((row) => [row, ...allOf(row.children ?? [])]);
}

export function showTree(
  viewId: string,
  rows: () => readonly TreeNode[],
  canSelectMany: boolean,
  onVisible: () => void = () => undefined,
): ShownTree {
  const changed = new vscode.EventEmitter<TreeNode | undefined>();
  const shown = new Map<string, TreeNode>();
  const top = (): readonly TreeNode[] => {
    const now = rows();
    shown.clear();
    for (const row of allOf(now)) shown.set(row.key, row);
    return now;
  };
  const provider: vscode.TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => [...(node === undefined ? top() : (node.children ?? []))],
    getTreeItem: treeItem,
  };
  const view = vscode.window.createTreeView(viewId, {
    treeDataProvider: provider,
    canSelectMany,
    showCollapseAll: false,
  });
  const timer = setInterval(() => {
    if (view.visible) changed.fire(undefined);
  }, REPAINT_MS);
  const visibility = view.onDidChangeVisibility(onVisible);
  return {
    update: () => changed.fire(undefined),
    updateRows() {
      for (const row of allOf(rows())) {
        const before = shown.get(row.key);
        if (before === undefined || before.description === row.description) continue;
        // VS Code knows the row by the object that it was given
        Object.assign(before, { description: row.description, tooltip: row.tooltip });
        changed.fire(before);
      }
    },
    isVisible: () => view.visible,
    dispose() {
      visibility.dispose();
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
