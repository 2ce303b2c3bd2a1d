/** dclint's rules of style: things in an agreed order. */
import * as v from 'valibot';
import { type ComposeNode, entriesOf, entryOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import { spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '#model/rules/rule.ts';
import { publishedPort } from './published-port.ts';
import { type Piece, reordered } from './reordered.ts';

interface Misplaced {
  readonly piece: Piece;
  /** What stands before it and should not. */
  readonly behind: string;
}

function orderRule(id: string, title: string, check: (document: ComposeDocument) => Iterable<Problem>): ComposeRule {
  return { id, severity: 'warning', title, check };
}

function problemsOf(
  document: ComposeDocument,
  pieces: readonly Piece[],
  order: readonly Piece[],
  misplaced: readonly Misplaced[],
): Problem[] {
  if (misplaced.length === 0) return [];
  const fixes = reordered(document, pieces, order);
  return misplaced.map(({ piece, behind }) => ({
    span: piece.span.start === piece.span.end ? piece.span : nameSpan(document, piece),
    message: `'${piece.name}' should stand before '${behind}'`,
    fixes,
  }));
}

/** Of a key with its value only the first line is marked. */
function nameSpan({ text }: ComposeDocument, { name, span }: Piece): Piece['span'] {
  const at = text.indexOf(name, span.start);
  return at >= span.start && at + name.length <= span.end ? spanOf(at, at + name.length) : span;
}

/** Whatever stands right behind what should come after it. */
function descents(pieces: readonly Piece[], compare: (a: Piece, b: Piece) => number): Misplaced[] {
  return pieces.flatMap((piece, i) => {
    const before = pieces[i - 1];
    return before !== undefined && compare(before, piece) > 0 ? [{ piece, behind: before.name }] : [];
  });
}

function keysOf(node: ComposeNode | undefined): Piece[] {
  return entriesOf(node)
    .filter(({ merged }) => !merged)
    .map(({ key, keySpan, value }) => ({
      name: key,
      span: spanOf(keySpan.start, Math.max(keySpan.end, value.span.end)),
    }));
}

function textsOf(node: ComposeNode | undefined): Piece[] {
  return itemsOf(node).map((item) => ({ name: textAt(item) ?? '', span: item.span }));
}

const { compare: compareNames } = new Intl.Collator();
const byName = (a: Piece, b: Piece): number => compareNames(a.name, b.name);

/** Index of the first one that should stand behind the piece. */
function firstBehind(sorted: readonly Piece[], piece: Piece): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && byName(other, piece) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

const services = orderRule('services-alphabetical-order', 'Services stand in alphabetical order', (document) => {
  const pieces = keysOf(valueAt(document.root, 'services'));
  /** Those so far, in order. */
  const sorted: Piece[] = [];
  const misplaced = pieces.flatMap((piece) => {
    const index = firstBehind(sorted, piece);
    const behind = sorted[index];
    sorted.splice(index, 0, piece);
    return behind === undefined ? [] : [{ piece, behind: behind.name }];
  });
  return problemsOf(document, pieces, pieces.toSorted(byName), misplaced);
});

const dependencies = orderRule(
  'service-dependencies-alphabetical-order',
  'Dependencies stand in alphabetical order',
  function* (document) {
    for (const { value, merged } of document.services) {
      const own = merged ? undefined : entryOf(value, 'depends_on');
      if (own === undefined || own.merged) continue;
      const pieces = own.value.kind === 'map' ? keysOf(own.value) : textsOf(own.value);
      yield* problemsOf(document, pieces, pieces.toSorted(byName), descents(pieces, byName).slice(0, 1));
    }
  },
);

const ports = orderRule('service-ports-alphabetical-order', 'Ports stand in order', function* (document) {
  for (const { value, merged } of document.services) {
    const own = merged ? undefined : entryOf(value, 'ports');
    if (own === undefined || own.merged) continue;
    const pieces = itemsOf(own.value).map((item) => ({ name: publishedPort(item), span: item.span }));
    const compare = (a: Piece, b: Piece): number => a.name.localeCompare(b.name, 'en', { numeric: true });
    yield* problemsOf(document, pieces, pieces.toSorted(compare), descents(pieces, compare).slice(0, 1));
  }
});

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Core Definitions': ['image', 'build', 'container_name'],
  'Service Dependencies': ['depends_on'],
  'Data Management and Configuration': ['volumes', 'volumes_from', 'configs', 'secrets'],
  'Environment Configuration': ['environment', 'env_file'],
  Networking: ['ports', 'networks', 'network_mode', 'extra_hosts'],
  'Runtime Behavior': ['command', 'entrypoint', 'working_dir', 'restart', 'healthcheck'],
  'Operational Metadata': ['logging', 'labels'],
  'Security and Execution Context': ['user', 'isolation'],
  Other: [],
};
const NAMES = v.array(v.string());
const GROUP_OPTIONS = v.fallback(
  v.object({ groups: v.optional(v.record(v.string(), NAMES), {}), groupOrder: v.optional(NAMES) }),
  { groups: {} },
);

/** Keys that no group has come last, by the alphabet. */
const serviceKeys = orderRule(
  'service-keys-order',
  'Keys of a service stand in the usual order: what it is first, how it runs last',
  function* (document) {
    const options = v.parse(GROUP_OPTIONS, document.dclint.options['service-keys-order']);
    const groups = { ...GROUPS, ...options.groups };
    const order = (options.groupOrder ?? Object.keys(GROUPS)).flatMap((group) => groups[group] ?? []);
    const compare = byRank(order);
    for (const { value, merged } of document.services) {
      const pieces = merged ? [] : keysOf(value);
      yield* problemsOf(document, pieces, pieces.toSorted(compare), descents(pieces, compare));
    }
  },
);

function byRank(order: readonly string[]): (a: Piece, b: Piece) => number {
  const rank = ({ name }: Piece): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return (a, b) => rank(a) - rank(b) || (order.includes(a.name) ? 0 : byName(a, b));
}

const TOP_LEVEL = [
  'x-properties',
  'version',
  'name',
  'include',
  'services',
  'networks',
  'volumes',
  'secrets',
  'configs',
];
const TOP_OPTIONS = v.fallback(v.object({ customOrder: v.optional(NAMES, TOP_LEVEL) }), { customOrder: TOP_LEVEL });

const topLevel = orderRule(
  'top-level-properties-order',
  'Sections stand in the usual order: x-…, name, include, services, networks, volumes, secrets, configs',
  (document) => {
    const { customOrder } = v.parse(TOP_OPTIONS, document.dclint.options['top-level-properties-order']);
    const pieces = keysOf(document.root);
    const extensions = pieces.map(({ name }) => name).filter((name) => name.startsWith('x-'));
    const order = customOrder.flatMap((name) =>
      name === 'x-properties' ? extensions.toSorted((a, b) => a.localeCompare(b)) : [name],
    );
    const compare = byRank(order);
    // Each is compared with the furthest one that is in order so far.
    const misplaced: Misplaced[] = [];
    let [furthest] = pieces;
    for (const piece of pieces.slice(1)) {
      if (furthest !== undefined && compare(furthest, piece) > 0) misplaced.push({ piece, behind: furthest.name });
      else furthest = piece;
    }
    return problemsOf(document, pieces, pieces.toSorted(compare), misplaced);
  },
);

export const ORDER_RULES: readonly ComposeRule[] = [services, dependencies, ports, serviceKeys, topLevel];
