/** Which host has a container, by what the trees know. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineSnapshot } from '../explorer/snapshot.ts';
import type { HostList } from '../hosts/host-list.ts';
import { type ContainerFiles, containerFiles } from './container-files.ts';

export function filesOf(
  hosts: Pick<HostList, 'connections'>,
  snapshot: (hostId: string) => EngineSnapshot | undefined,
): (container: string) => ContainerFiles {
  return (container) => {
    const connection = hosts
      .connections()
      .find(({ id }) => snapshot(id)?.containers.some(({ Id, State }) => Id === container && State === 'running'));
    if (connection === undefined) {
      throw new EngineError('unavailable', 'The container does not run, or its host is not connected.');
    }
    return containerFiles(connection, container);
  };
}
