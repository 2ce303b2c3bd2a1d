/** What stands at a place of a Compose file. */
import type { ComposeNode, Entry, ScalarNode } from '#model/compose/tree.ts';
import { touches } from '#model/text/span.ts';

export interface Located {
  /** Keys and `[]` from the root to the innermost entry or item at the place. */
  readonly path: readonly string[];
  /** The entry whose key or value it is. */
  readonly entry: Entry | undefined;
  readonly onKey: boolean;
  readonly scalar: ScalarNode | undefined;
}

export function locate(root: ComposeNode | undefined, offset: number): Located | undefined {
  return root === undefined ? undefined : descend(root, offset, [], undefined);
}

function descend(
  node: ComposeNode,
  offset: number,
  path: readonly string[],
  entry: Entry | undefined,
): Located | undefined {
  if (node.kind === 'scalar') {
    return touches(node.span, offset) && node.value !== null ? { path, entry, onKey: false, scalar: node } : undefined;
  }
  if (node.kind === 'list') {
    for (const item of node.items) {
      const found = touches(item.span, offset) ? descend(item, offset, [...path, '[]'], entry) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const one of node.entries) {
    if (one.merged) continue;
    const inside = [...path, one.key];
    if (touches(one.keySpan, offset)) return { path: inside, entry: one, onKey: true, scalar: undefined };
    // An alias shows a value that stands elsewhere.
    const found = one.value.span.start >= one.keySpan.end ? descend(one.value, offset, inside, one) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
