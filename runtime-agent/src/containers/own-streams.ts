/**
 * Programs open /dev/stdout and /dev/stderr anew (nginx's logs are such links), which the kernel allows to the pipes' owner.
 * The OCI runtime makes the container's user their owner; in a user namespace it cannot, as they are the host's.
 */
import { chown, stat } from 'node:fs/promises';
import type { Owner } from '../host/id-mapping.ts';

/** @param pid of a container's first process, which waits to be started; @param owner by the host's ids */
export async function ownStreams(pid: number, owner: Owner): Promise<void> {
  for (const descriptor of [0, 1, 2]) {
    const file = `/proc/${pid}/fd/${descriptor}`;
    // Pipes only: /dev/null is everybody's.
    const found = await stat(file).catch(() => undefined);
    if (found?.isFIFO()) await chown(file, owner.uid, owner.gid);
  }
}
