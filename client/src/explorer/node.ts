/** A row of a tree, as data: explorer/*.ts compute rows from snapshots, views/tree.ts shows them. */

export type NodeKind = 'host' | 'container' | 'project' | 'image' | 'volume' | 'network' | 'message';

export interface TreeNode {
  /** Unique in its view and stable over refreshes. */
  readonly key: string;
  readonly kind: NodeKind;
  /** EngineConnection.id of the host it belongs to. */
  readonly hostId: string;
  /** What the engine calls it: container id, image id or reference, volume or network name; empty for hosts and messages. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  /** A codicon and, optionally, a theme colour. */
  readonly icon: string;
  readonly iconColor?: string;
  /** Kind, then states, separated by spaces: `container running healthy`. */
  readonly context: string;
  readonly children?: readonly TreeNode[];
  readonly expanded?: boolean;
  /** What a click does. */
  readonly command?: { readonly id: string; readonly title: string };
}
