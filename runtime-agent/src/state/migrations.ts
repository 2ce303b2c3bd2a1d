/**
 * Forward steps of the state's schema. The number of steps is the schema's version, kept in SQLite's user_version: add one
 * at the end whenever a record gains a field that the code relies on, and never change one that has been released.
 */
import type { Database } from './collection.ts';

/** Brings what the version before wrote up to date; runs inside a transaction. */
export type Migration = (database: Database) => void;

type Json = Readonly<Record<string, unknown>>;

const USUAL_MTU = 1500;

/** 1: networks have an MTU. */
function networkMtu(database: Database): void {
  const withMtu = (network: Json): Json => {
    const option = (network['options'] as Json | undefined)?.['com.docker.network.driver.mtu'];
    return { ...network, mtu: network['mtu'] ?? (Number(option ?? 0) || USUAL_MTU) };
  };
  const networks = database.collection<Json>('networks');
  for (const { id, value } of networks.all()) networks.put(id, withMtu(value));
  const sandboxes = database.collection<Json>('sandboxes');
  for (const { id, value } of sandboxes.all()) {
    const endpoints = (value['endpoints'] ?? []) as readonly Json[];
    const renewed = endpoints.map((endpoint) => ({ ...endpoint, network: withMtu(endpoint['network'] as Json) }));
    sandboxes.put(id, { ...value, endpoints: renewed });
  }
}

export const MIGRATIONS: readonly Migration[] = [networkMtu];
