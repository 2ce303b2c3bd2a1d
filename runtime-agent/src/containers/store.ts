/** All containers: in memory for speed, in the state database for good. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Database } from '../state/collection.ts';
import { type Container, createContainer } from './container.ts';
import type { ContainerRecord } from './record.ts';

export interface ContainerStore {
  /** Oldest first. */
  all(): readonly Container[];
  /** By id, name (with or without slash) or unambiguous id prefix. Throws EngineError('not-found') as Docker does. */
  find(reference: string): Container;
  byId(id: string): Container | undefined;
  /** Keeps a name for a container that is being made. Throws EngineError('conflict') when it is taken. */
  reserve(name: string, id: string): void;
  release(name: string): void;
  nameTaken(name: string): boolean;
  add(record: ContainerRecord): Container;
  /** Replaces the record, in memory and durably. */
  save(container: Container, change: Partial<ContainerRecord>): void;
  delete(container: Container): void;
}

export function openContainerStore(database: Database): ContainerStore {
  const records = database.collection<ContainerRecord>('containers');
  const byId = new Map<string, Container>();
  const names = new Map<string, string>();
  const loaded = records.all().map(({ value }) => value);
  for (const record of loaded.sort((a, b) => (a.created < b.created ? -1 : 1))) {
    byId.set(record.id, createContainer(record));
    names.set(record.name, record.id);
  }
  const byPrefix = (prefix: string): Container | undefined => {
    if (!/^[0-9a-f]+$/.test(prefix)) return undefined;
    let found: Container | undefined;
    for (const [id, container] of byId) {
      if (!id.startsWith(prefix)) continue;
      if (found) throw new EngineError('invalid', `multiple IDs found with provided prefix: ${prefix}`);
      found = container;
    }
    return found;
  };
  /** `PARENT/ALIAS`: what a container is called by one that links to it. */
  const linked = (name: string): Container | undefined => {
    const [parent = '', alias] = name.split('/');
    if (alias === undefined) return undefined;
    const links = byId.get(names.get(parent) ?? '')?.record.links ?? [];
    return byId.get(links.find((link) => link.alias === alias)?.target ?? '');
  };
  return {
    all: () => [...byId.values()],
    byId: (id) => byId.get(id),
    find(reference) {
      if (reference === '') throw new EngineError('invalid', 'invalid name or ID supplied: ""');
      const name = reference.replace(/^\//, '');
      const container = byId.get(reference) ?? byId.get(names.get(name) ?? '') ?? linked(name) ?? byPrefix(reference);
      if (container) return container;
      throw new EngineError('not-found', `No such container: ${reference}`);
    },
    reserve(name, id) {
      const holder = names.get(name);
      if (holder !== undefined && holder !== id) {
        throw new EngineError(
          'conflict',
          `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
        );
      }
      names.set(name, id);
    },
    release: (name) => void names.delete(name),
    nameTaken: (name) => names.has(name),
    add(record) {
      const container = createContainer(record);
      records.put(record.id, record);
      byId.set(record.id, container);
      names.set(record.name, record.id);
      return container;
    },
    save(container, change) {
      container.record = { ...container.record, ...change };
      if (byId.has(container.id)) records.put(container.id, container.record);
    },
    delete(container) {
      records.delete(container.id);
      byId.delete(container.id);
      if (names.get(container.record.name) === container.id) names.delete(container.record.name);
    },
  };
}
