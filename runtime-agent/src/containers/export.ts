/** `GET /containers/{id}/export`: the whole root file system as one tar, without what is mounted in it. */
import { Readable } from 'node:stream';
import { type ContainerContext, publish } from './context.ts';
import { type ContainerView, resolvePlace } from './files/container-view.ts';
import { packTree } from './files/pack.ts';
import { containerPaths, mountRootfs, mountTable, unmountRootfs } from './rootfs.ts';

async function* exported(view: ContainerView): AsyncGenerator<Buffer> {
  try {
    await using top = await resolvePlace(view, '/', true);
    yield* packTree(view, top, '');
  } finally {
    await view[Symbol.asyncDispose]();
  }
}

export async function exportContainer(context: ContainerContext, reference: string): Promise<Readable> {
  const container = context.store.find(reference);
  const { rootfs } = containerPaths(context.dataRoot, container.id);
  // In the engine's own mount namespace nothing is mounted inside the root file system.
  const mounted = (await mountTable())(rootfs);
  if (!mounted) await mountRootfs(context, container.record);
  publish(context, container, 'export');
  const view: ContainerView = {
    root: rootfs,
    mountAt: () => undefined,
    async [Symbol.asyncDispose]() {
      if (!mounted) await unmountRootfs(context, container.id);
    },
  };
  return Readable.from(exported(view), { objectMode: false });
}
