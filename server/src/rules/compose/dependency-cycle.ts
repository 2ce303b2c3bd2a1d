import type { Reference } from '../../compose/references.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '../rule.ts';

const WAITS: ReadonlySet<Reference['by']> = new Set(['depends_on', 'links', 'volumes_from', 'namespace']);

export const dependencyCycle: ComposeRule = {
  id: 'dependency-cycle',
  severity: 'error',
  title: 'Services do not wait for each other, or extend each other, in a circle',
  *check({ references }) {
    yield* cyclesIn(
      references.filter(({ by }) => WAITS.has(by)),
      'dependency cycle detected',
    );
    yield* cyclesIn(
      references.filter(({ by }) => by === 'extends'),
      'circular reference: services extend each other',
    );
  },
};

function* cyclesIn(references: readonly Reference[], what: string): Generator<Problem> {
  const edges = new Map<string, Reference[]>();
  for (const one of references) edges.set(one.service, [...(edges.get(one.service) ?? []), one]);
  const reported = new Set<string>();
  for (const start of edges.keys()) {
    const cycle = cycleFrom(start, edges);
    const key = cycle
      ?.map(({ service }) => service)
      .toSorted()
      .join(' ');
    const last = cycle?.at(-1);
    if (cycle === undefined || key === undefined || last === undefined || reported.has(key)) continue;
    reported.add(key);
    const path = [...cycle.map(({ service }) => service), start].join(' -> ');
    yield { span: last.span, message: `${what}: ${path}` };
  }
}

/** The references that lead from the service back to itself. */
function cycleFrom(start: string, edges: ReadonlyMap<string, readonly Reference[]>): Reference[] | undefined {
  const visited = new Set<string>();
  const follow = (service: string, path: Reference[]): Reference[] | undefined => {
    for (const reference of edges.get(service) ?? []) {
      const next = [...path, reference];
      if (reference.name === start) return next;
      if (visited.has(reference.name)) continue;
      visited.add(reference.name);
      const found = follow(reference.name, next);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return follow(start, []);
}
