/**
 * Results as graphs: BuildKit's clients hand one build's result to another as the graph that makes it. Ours has one node,
 * which names the result.
 */
import { createHash } from 'node:crypto';
import type { Definition } from '../messages/control.ts';
import { maybe, message, messages, string, stringMap, type ValueOf } from '../wire/protobuf.ts';

type Graph = Partial<ValueOf<typeof Definition>>;

const Input = message({ digest: string(1) });
const SourceOp = message({ identifier: string(1), attrs: stringMap(2) });
/** pb.Op, as far as we make and read it. */
const Op = message({ inputs: messages(1, Input), source: maybe(3, SourceOp) });

const SCHEME = 'slipway-result://';

export function definitionOf(result: string): Graph {
  const node = Op.encode({ source: { identifier: `${SCHEME}${result}` } });
  const end = Op.encode({ inputs: [{ digest: digestOf(node) }] });
  // Clients take a graph without metadata for none.
  return { def: [node, end], metadata: { [digestOf(node)]: Buffer.alloc(0), [digestOf(end)]: Buffer.alloc(0) } };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The result that the graph names; undefined for a graph that is not ours. */
export function resultOf({ def = [] }: Graph): string | undefined {
  for (const bytes of def) {
    const { identifier = '' } = Op.decode(bytes).source ?? {};
    if (identifier.startsWith(SCHEME)) return identifier.slice(SCHEME.length);
  }
  return undefined;
}
