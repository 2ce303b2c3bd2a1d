/** Names that one stage takes over from another: a chain of maps, made one again before it is long. */
export interface Scope<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
  readonly own: Map<string, T>;
  readonly parent: Scope<T> | undefined;
  readonly depth: number;
}

/** Copying everything for each of thousands of stages takes seconds; so does a search through all of them. */
const DEEPEST = 16;

export function scopeBelow<T>(parent: Scope<T> | undefined): Scope<T> {
  const isDeep = parent !== undefined && parent.depth >= DEEPEST;
  const own = isDeep ? flattened(parent) : new Map<string, T>();
  const above = isDeep ? undefined : parent;
  return {
    own,
    parent: above,
    depth: above === undefined ? 0 : above.depth + 1,
    get(name) {
      const found = own.get(name);
      return found === undefined ? above?.get(name) : found;
    },
    set: (name, value) => void own.set(name, value),
  };
}

function flattened<T>(scope: Scope<T>): Map<string, T> {
  const chain: Scope<T>[] = [];
  for (let at: Scope<T> | undefined = scope; at !== undefined; at = at.parent) chain.unshift(at);
  return new Map(chain.flatMap(({ own }) => [...own]));
}
