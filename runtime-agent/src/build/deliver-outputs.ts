/** What a client wants of a build beside the image in the store: its files, or the image as an archive. */
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { retimed } from '../snapshots/retime.ts';
import { repackLayer } from '../snapshots/repack.ts';
import type { BuilderDependencies } from './dependencies.ts';
import type { RootMounts } from './mounted-root.ts';
import type { BuildRequest } from './request.ts';

export interface FinishedBuild {
  /** Layers of the result, bottom first. */
  readonly chainIds: readonly string[];
  /** `sha256:…`; undefined when no image was kept. */
  readonly imageId: string | undefined;
  /** RFC 3339: the time of all files that are handed over, when it is given. */
  readonly epoch: string | undefined;
  /** Tags under which the archive knows the image. */
  readonly names: readonly string[];
}

interface OutputTools {
  readonly host: Host;
  readonly mounts: RootMounts;
  readonly images: Pick<BuilderDependencies['images'], 'save'>;
}

/** One after the other, each to its end. */
export async function deliverOutputs(
  { outputs = [], client, signal }: Pick<BuildRequest, 'outputs' | 'client' | 'signal'>,
  { chainIds, imageId, names, epoch }: FinishedBuild,
  { host, mounts, images }: OutputTools,
): Promise<void> {
  for (const { name, kind } of outputs) {
    if (client === undefined) throw new EngineError('invalid', `the output ${name} has nobody to take it`);
    if (kind === 'image') {
      if (imageId === undefined) throw new EngineError('internal', 'the image of an output was not kept');
      await client.deliver(name, await images.save(names.length > 0 ? names : [imageId], [], signal));
      continue;
    }
    await using root = await mounts.open(chainIds);
    const files = repackLayer({ host, directory: root.path });
    const tar = epoch === undefined ? files : retimed(files, () => String(Date.parse(epoch) / 1000));
    await client.deliver(name, Readable.from(tar, { objectMode: false }));
  }
}
