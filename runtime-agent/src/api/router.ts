import { EngineError } from '#model/engine-api/errors.ts';
import type { Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export interface Router {
  /** Throws EngineError('not-found', 'page not found') when no route has this method and path. */
  find(method: string, path: string): Match;
}

interface Pattern {
  readonly route: Route;
  readonly expression: RegExp;
}

function compile(route: Route): Pattern {
  const source = route.path
    .split(/(\{[^}]+\})/)
    .map((part) => {
      if (part.endsWith('*}')) return `(?<${part.slice(1, -2)}>.*)`;
      if (part.startsWith('{')) return `(?<${part.slice(1, -1)}>[^/]+)`;
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return { route, expression: new RegExp(`^${source}$`) };
}

function decode(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (cause) {
    throw new EngineError('invalid', 'the path holds a malformed %-escape', { cause });
  }
}

/** Paths without parameters win over those with; otherwise the first in the table. */
export function createRouter(routes: readonly Route[]): Router {
  const fixed = new Map<string, Route>();
  const patterns: Pattern[] = [];
  for (const route of routes) {
    if (route.path.includes('{')) patterns.push(compile(route));
    else fixed.set(`${route.method} ${route.path}`, route);
  }
  const lookUp = (method: string, path: string): Match | undefined => {
    const exact = fixed.get(`${method} ${path}`);
    if (exact) return { route: exact, params: {} };
    for (const { route, expression } of patterns) {
      if (route.method !== method) continue;
      const match = expression.exec(path);
      if (match) return { route, params: decode(match.groups ?? {}) };
    }
    return undefined;
  };
  return {
    find(method, path) {
      const match = lookUp(method, path);
      if (!match) throw new EngineError('not-found', 'page not found');
      return match;
    },
  };
}
