/** The `local` volume driver: a directory per volume under the data root, Docker's layout. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { giveToContainers } from '../host/hand-over.ts';
import type { Host } from '../host/host.ts';
import type { Database } from '../state/collection.ts';
import { mountVolume, unmountVolume } from './volume-mount.ts';
import { ANONYMOUS_LABEL, checkVolume, isMounted, showVolume, type VolumeRecord } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

export interface VolumesDeps {
  readonly host: Host;
  readonly database: Database;
  readonly events: EventLog;
  readonly dataRoot: string;
}

/** After a reboot, volumes in use are mounted again; one that cannot be is left to the next container's error. */
export async function createVolumes({ host, database, events, dataRoot }: VolumesDeps): Promise<Volumes> {
  const collection = database.collection<VolumeRecord>('volumes');
  const folder = (name: string): string => path.join(dataRoot, 'volumes', name);
  const directory = (name: string): string => path.join(folder(name), '_data');
  const show = (record: VolumeRecord) => showVolume(record, directory(record.name));

  function need(name: string): VolumeRecord {
    const record = collection.get(name);
    if (record === undefined) throw new EngineError('not-found', `get ${name}: no such volume`);
    return record;
  }

  async function prepare(record: VolumeRecord): Promise<string> {
    const target = directory(record.name);
    await makeDirectory(target);
    await mountVolume(host, record, target);
    return target;
  }

  const used = collection.all().filter(({ value }) => value.users.length > 0);
  await Promise.allSettled(used.map(({ value }) => prepare(value)));

  return {
    async create(options, user) {
      const anonymous = (options.Name ?? '') === '';
      const name = anonymous ? randomBytes(32).toString('hex') : (options.Name ?? '');
      const existing = collection.get(name);
      // As Docker: of one that is there only the driver must be the same.
      checkVolume(name, existing === undefined ? options : { Driver: options.Driver ?? '' });
      if (existing !== undefined) return show(existing);
      const record: VolumeRecord = {
        name,
        createdAt: `${new Date().toISOString().slice(0, 19)}Z`,
        labels: anonymous ? { ...options.Labels, [ANONYMOUS_LABEL]: '' } : (options.Labels ?? null),
        options: options.DriverOpts ?? null,
        // From the first moment: an engine that is killed now leaves a volume whose owner is missing.
        users: anonymous && user !== undefined ? [user] : [],
      };
      collection.put(name, record);
      await makeDirectory(directory(name));
      await giveToContainers(host.ids, directory(name));
      events.publish('volume', 'create', name, { driver: 'local' });
      return show(record);
    },
    inspect: (name) => show(need(name)),
    list: () => collection.all().map(({ value }) => show(value)),
    async remove(name, force, user) {
      if (force && collection.get(name) === undefined) return;
      const users = need(name).users.filter((id) => id !== user);
      if (users.length > 0) {
        throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
      }
      await unmountVolume(host, directory(name));
      await rm(folder(name), { recursive: true, force: true });
      collection.delete(name);
      events.publish('volume', 'destroy', name, { driver: 'local' });
    },
    async acquire(name, containerId) {
      const record = need(name);
      const users = record.users.includes(containerId) ? record.users : [...record.users, containerId];
      collection.put(name, { ...record, users });
      try {
        return await prepare(record);
      } catch (error) {
        collection.put(name, { ...need(name), users: need(name).users.filter((id) => id !== containerId) });
        throw error;
      }
    },
    async release(name, containerId) {
      const record = collection.get(name);
      if (record === undefined) return;
      const users = record.users.filter((id) => id !== containerId);
      collection.put(name, { ...record, users });
      if (users.length === 0 && isMounted(record)) await unmountVolume(host, directory(name));
    },
    users: (name) => collection.get(name)?.users ?? [],
  };
}

/** Whatever the process's umask: the containers' users must get in. One that is there keeps its mode. */
async function makeDirectory(target: string): Promise<void> {
  const made = await mkdir(target, { recursive: true, mode: 0o755 });
  if (made !== undefined) await chmod(target, 0o755);
}
