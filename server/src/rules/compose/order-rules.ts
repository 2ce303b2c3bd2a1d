/** Style: things in an agreed order. All off by default. */
import { type ComposeNode, type Entry, entriesOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '../rule.ts';

interface Placed {
  readonly name: string;
  readonly span: Span;
}

function orderRule(id: string, title: string, check: (document: ComposeDocument) => Iterable<Problem>): ComposeRule {
  return { id, severity: 'warning', off: true, title, check };
}

/** The first one that should stand before the one above it. */
function* misplaced(items: readonly Placed[], rank: (name: string) => number | string): Generator<Problem> {
  for (let i = 1; i < items.length; i++) {
    const [before, item] = [items[i - 1], items[i]];
    if (before === undefined || item === undefined || compare(rank(before.name), rank(item.name)) <= 0) continue;
    yield { span: item.span, message: `'${item.name}' should stand before '${before.name}'` };
    return;
  }
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function keysOf(node: ComposeNode | undefined): Placed[] {
  return entriesOf(node)
    .filter(({ merged }: Entry) => !merged)
    .map(({ key, keySpan }) => ({ name: key, span: keySpan }));
}

function textsOf(node: ComposeNode | undefined): Placed[] {
  return itemsOf(node).flatMap((item) => {
    const name = textAt(item) ?? textAt(valueAt(item, 'target'));
    return name === undefined ? [] : [{ name, span: item.span }];
  });
}

const TOP_LEVEL = ['name', 'include', 'x-', 'services', 'networks', 'volumes', 'configs', 'secrets', 'models'];
const SERVICE_GROUPS: readonly (readonly string[])[] = [
  ['image', 'build', 'container_name', 'platform', 'pull_policy', 'extends', 'provider'],
  ['depends_on', 'links', 'profiles'],
  ['volumes', 'volumes_from', 'configs', 'secrets', 'tmpfs'],
  ['environment', 'env_file'],
  ['ports', 'networks', 'network_mode', 'expose', 'extra_hosts', 'hostname', 'dns'],
  ['command', 'entrypoint', 'working_dir', 'user', 'restart', 'healthcheck', 'deploy', 'develop', 'logging', 'labels'],
];

export const ORDER_RULES: readonly ComposeRule[] = [
  orderRule('services-alphabetical-order', 'Services stand in alphabetical order', ({ root }) =>
    misplaced(keysOf(valueAt(root, 'services')), (name) => name),
  ),
  orderRule(
    'service-dependencies-alphabetical-order',
    'Dependencies stand in alphabetical order',
    function* ({ services }) {
      for (const { value } of services) {
        const dependencies = valueAt(value, 'depends_on');
        yield* misplaced([...keysOf(dependencies), ...textsOf(dependencies)], (name) => name);
      }
    },
  ),
  orderRule('service-ports-alphabetical-order', 'Ports stand in order', function* ({ services }) {
    for (const { value } of services) yield* misplaced(textsOf(valueAt(value, 'ports')), (name) => name);
  }),
  orderRule(
    'service-keys-order',
    'Keys of a service stand in the usual order: what it is first, how it runs last',
    function* ({ services }) {
      for (const { value } of services)
        yield* misplaced(
          keysOf(value).filter(({ name }) => groupOf(name) >= 0),
          groupOf,
        );
    },
  ),
  orderRule(
    'top-level-properties-order',
    'Sections stand in the usual order: name, include, services, networks, volumes …',
    ({ root }) =>
      misplaced(
        keysOf(root).filter(({ name }) => topRank(name) >= 0),
        topRank,
      ),
  ),
];

function groupOf(key: string): number {
  return SERVICE_GROUPS.findIndex((group) => group.includes(key));
}

function topRank(key: string): number {
  return TOP_LEVEL.indexOf(key.startsWith('x-') ? 'x-' : key);
}

export const quotedVolumes: ComposeRule = {
  id: 'no-quotes-in-volumes',
  severity: 'warning',
  off: true,
  title: 'Volumes are written without quotes',
  *check({ services, text }) {
    for (const { value } of services) {
      for (const volume of itemsOf(valueAt(value, 'volumes'))) {
        if (volume.kind !== 'scalar' || volume.style !== 'quoted' || !/^[\w./~${}:-]+$/.test(volume.text)) continue;
        if (text.slice(volume.span.start + 1, volume.span.end - 1) !== volume.text) continue;
        yield {
          span: volume.span,
          message: 'volumes need no quotes',
          fixes: [{ title: 'Remove the quotes', edits: [{ span: volume.span, text: volume.text }], safe: true }],
        };
      }
    }
  },
};
