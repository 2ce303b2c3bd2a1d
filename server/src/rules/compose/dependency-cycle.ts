import type { Reference } from '../../compose/references.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

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

/** Fuel: a circle of more services is not looked for. */
const LONGEST = 1000;

function* cyclesIn(references: readonly Reference[], what: string): Generator<Problem> {
  const edges = new Map<string, Reference[]>();
  for (const one of references) {
    const own = edges.get(one.service);
    if (own === undefined) edges.set(one.service, [one]);
    else own.push(one);
  }
  const reported = new Set<string>();
  for (const start of inCircles(edges)) {
    // A circle is told once, not from each of its services.
    const cycle = reported.has(start) ? undefined : cycleFrom(start, edges);
    const last = cycle?.at(-1);
    if (cycle === undefined || last === undefined) continue;
    for (const { service } of cycle) reported.add(service);
    const path = [...cycle.map(({ service }) => service), start].join(' -> ');
    yield { span: last.span, message: `${what}: ${path}` };
  }
}

/** Without the services that wait for nobody who is left: of most files nothing is. */
function inCircles(edges: ReadonlyMap<string, readonly Reference[]>): string[] {
  const waiting = new Map<string, number>();
  const awaitedBy = new Map<string, string[]>();
  for (const [service, references] of edges) {
    waiting.set(service, references.length);
    for (const { name } of references) {
      const own = awaitedBy.get(name);
      if (own === undefined) awaitedBy.set(name, [service]);
      else own.push(service);
    }
  }
  const free = [...awaitedBy.keys()].filter((name) => !edges.has(name));
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    for (const service of awaitedBy.get(name) ?? []) {
      const left = (waiting.get(service) ?? 0) - 1;
      waiting.set(service, left);
      if (left === 0) free.push(service);
    }
  }
  return [...edges.keys()].filter((service) => waiting.get(service) !== 0);
}

/** The references that lead from the service back to itself. */
function cycleFrom(start: string, edges: ReadonlyMap<string, readonly Reference[]>): Reference[] | undefined {
  const visited = new Set<string>();
  const path: Reference[] = [];
  const follow = (service: string): boolean => {
    if (path.length > LONGEST) return false;
    for (const reference of edges.get(service) ?? []) {
      path.push(reference);
      if (reference.name === start) return true;
      if (!visited.has(reference.name)) {
        visited.add(reference.name);
        if (follow(reference.name)) return true;
      }
      path.pop();
    }
    return false;
  };
  return follow(start) ? path : undefined;
}
