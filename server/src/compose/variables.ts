/** Variables in the values of a Compose file. */
import { append } from '#model/text/append.ts';
import { interpolationsIn, type Interpolation } from '#model/compose/interpolation.ts';
import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';

export interface ComposeVariables {
  readonly variables: readonly Interpolation[];
  readonly bad: readonly Span[];
}

/** In the order of the text. Keys and comments have none. */
export function variablesOf({ root, text }: ComposeDocument): ComposeVariables {
  const variables: Interpolation[] = [];
  const bad: Span[] = [];
  const seen = new Set<ComposeNode>();
  const visit = (node: ComposeNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'scalar') {
      if (typeof node.value !== 'string' || !node.text.includes('$')) return;
      const found = interpolationsIn(text, node.span.start, node.span.end);
      append(variables, found.variables);
      append(bad, found.bad);
    }
    for (const item of itemsOf(node)) visit(item);
    for (const { value } of entriesOf(node)) visit(value);
  };
  if (root !== undefined && text.includes('$')) visit(root);
  return { variables, bad };
}
