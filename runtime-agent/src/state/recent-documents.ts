import type { Collection } from './collection.ts';

/** The same collection, whose latest documents need not be read and parsed again. */
export interface RecentDocuments<T> extends Collection<T> {
  /** What was put may not have been kept. */
  forget(): void;
}

/** @param room documents that are kept parsed; nobody may change them */
export function recentDocuments<T>(collection: Collection<T>, room: number): RecentDocuments<T> {
  const recent = new Map<string, T>();
  const keep = (id: string, value: T): T => {
    if (recent.size >= room && !recent.has(id)) recent.delete(recent.keys().next().value ?? '');
    recent.set(id, value);
    return value;
  };
  return {
    get(id) {
      const known = recent.get(id);
      if (known !== undefined) return known;
      const read = collection.get(id);
      return read === undefined ? undefined : keep(id, read);
    },
    put(id, value) {
      recent.delete(id);
      collection.put(id, value);
      keep(id, value);
    },
    delete(id) {
      recent.delete(id);
      return collection.delete(id);
    },
    all: () => collection.all(),
    forget: () => recent.clear(),
  };
}
