import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';

/** Docker tells of a container's volumes as it starts and stops. */
export function publishVolumes(context: ContainerContext, record: ContainerRecord, action: 'mount' | 'unmount'): void {
  for (const mount of record.mounts) {
    if (mount.type !== 'volume') continue;
    const driver = mount.driver ?? 'local';
    const attributes =
      action === 'unmount'
        ? { container: record.id, driver }
        : {
            container: record.id,
            destination: mount.destination,
            driver,
            propagation: mount.propagation,
            'read/write': String(mount.rw),
          };
    context.events.publish('volume', action, mount.name ?? '', attributes);
  }
}
