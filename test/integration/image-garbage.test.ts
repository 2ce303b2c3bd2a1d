/** Layers live as long as something needs them, and no longer. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { openContent } from '../../runtime-agent/src/content/content.ts';
import { createGarbage } from '../../runtime-agent/src/images/garbage.ts';
import { openImageIndex } from '../../runtime-agent/src/images/image-index.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { openLayerBlobs } from '../../runtime-agent/src/images/layer-blobs.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';
import { snapshotFixture } from '../support/snapshot-fixture.ts';
import { handMadeTar } from '../support/tar-builder.ts';

async function world() {
  const snapshots = await snapshotFixture();
  const database = openDatabase(':memory:');
  const content = openContent(path.join(snapshots.root, 'content'));
  const layerBlobs = openLayerBlobs(database, content, linuxHost);
  const index = openImageIndex(database);
  const containers = new Set<string>();
  const garbage = createGarbage({ snapshots: snapshots.store, layerBlobs, index, otherUsers: () => containers });
  const layer = (name: string, parent?: string): Promise<string> =>
    snapshots.apply(handMadeTar([{ name, data: name }]), parent);
  const image = (chainIds: readonly string[]): void => {
    const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } } as const;
    index.put(`sha256:${String(chainIds.length).padStart(64, '0')}`, { config, chainIds, size: 0 });
  };
  return {
    snapshots,
    content,
    layerBlobs,
    containers,
    garbage,
    layer,
    image,
    async [Symbol.asyncDispose]() {
      database[Symbol.dispose]();
      await snapshots[Symbol.asyncDispose]();
    },
  };
}

test('what an image, a container or work in progress needs stays', async () => {
  await using w = await world();
  const { store } = w.snapshots;
  const [base, used, held, free] = [
    await w.layer('base'),
    await w.layer('used'),
    await w.layer('held'),
    await w.layer('free!'),
  ];
  w.image([base]);
  w.containers.add(used);
  const hold = w.garbage.hold([held]);
  assert.equal(await w.garbage.sweep([base, used, held, free]), 'free!'.length);
  assert.deepEqual(
    [base, used, held, free].map((id) => store.has(id)),
    [true, true, true, false],
  );
  hold[Symbol.dispose]();
  hold[Symbol.dispose]();
  await w.garbage.sweep([base, used, held]);
  assert.deepEqual(
    [base, used, held].map((id) => store.has(id)),
    [true, true, false],
  );
});

test('two that hold a layer both have to let go', async () => {
  await using w = await world();
  const id = await w.layer('twice');
  const holds = [w.garbage.hold([id]), w.garbage.hold([id])];
  holds[0]?.[Symbol.dispose]();
  await w.garbage.sweep([id]);
  assert.ok(w.snapshots.store.has(id));
  holds[1]?.[Symbol.dispose]();
  await w.garbage.sweep([id]);
  assert.ok(!w.snapshots.store.has(id));
});

test('what a container kept goes when the container goes', async () => {
  await using w = await world();
  const id = await w.layer('kept');
  w.containers.add(id);
  await w.garbage.sweep([id]);
  w.containers.clear();
  assert.equal(await w.garbage.sweepOrphans(), 'kept'.length);
  assert.ok(!w.snapshots.store.has(id));
  assert.equal(await w.garbage.sweepOrphans(), 0);
});

test('the blobs of a layer go with it, unless the layer lies under another chain as well', async () => {
  await using w = await world();
  const blob = { digest: await w.content.write(Buffer.from('blob')), size: 4, mediaType: 'x', repositories: [] };
  const base = await w.layer('base');
  const [alone, above] = [await w.layer('same'), await w.layer('same', base)];
  w.layerBlobs.note(alone, blob); // of a first layer chain id and diff id are one
  await w.garbage.sweep([alone]);
  assert.ok(w.content.has(blob.digest) && w.snapshots.store.has(above));
  await w.garbage.sweep([above]);
  assert.ok(!w.content.has(blob.digest));
});

test('a sweep of everything leaves what is young', async () => {
  await using w = await world();
  const id = await w.layer('young');
  await w.garbage.sweepAll(60_000);
  assert.ok(w.snapshots.store.has(id));
  await w.garbage.sweepAll(-1);
  assert.ok(!w.snapshots.store.has(id));
});
