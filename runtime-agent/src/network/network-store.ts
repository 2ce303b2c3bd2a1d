/** The networks' records, by name and id, with the addresses that are given on each. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Database } from '../state/collection.ts';
import type { AddressSpace } from './address-space.ts';
import type { NetworkRecord } from './network-record.ts';
import { spaceOf } from './network-request.ts';

export interface NetworkStore {
  /** Oldest first. */
  all(): readonly NetworkRecord[];
  /** By full id, name, or unambiguous id prefix. Throws EngineError('not-found' | 'invalid'). */
  find(nameOrId: string): NetworkRecord;
  has(nameOrId: string): boolean;
  /** Replaces a record of the same id. */
  add(record: NetworkRecord): void;
  delete(id: string): void;
  spaces(network: NetworkRecord): readonly AddressSpace[];
}

export function createNetworkStore(database: Database): NetworkStore {
  const collection = database.collection<NetworkRecord>('networks');
  const records = new Map(collection.all().map(({ id, value }) => [id, value]));
  const spaces = new Map<string, readonly AddressSpace[]>();

  function lookUp(nameOrId: string): NetworkRecord | undefined {
    const exact = records.get(nameOrId) ?? [...records.values()].find(({ name }) => name === nameOrId);
    if (exact !== undefined || nameOrId === '') return exact;
    const [first, second] = [...records.values()].filter(({ id }) => id.startsWith(nameOrId));
    if (second !== undefined) {
      throw new EngineError('invalid', `network ${nameOrId} is ambiguous (2 matches found based on ID prefix)`);
    }
    return first;
  }

  return {
    all: () => [...records.values()].sort((a, b) => (a.created < b.created ? -1 : 1)),
    find(nameOrId) {
      const found = lookUp(nameOrId);
      if (found === undefined) throw new EngineError('not-found', `network ${nameOrId} not found`);
      return found;
    },
    has: (nameOrId) => lookUp(nameOrId) !== undefined,
    add(record) {
      collection.put(record.id, record);
      records.set(record.id, record);
      spaces.delete(record.id);
    },
    delete(id) {
      collection.delete(id);
      records.delete(id);
      spaces.delete(id);
    },
    spaces(network) {
      const made = spaces.get(network.id) ?? network.subnets.map(spaceOf);
      spaces.set(network.id, made);
      return made;
    },
  };
}
