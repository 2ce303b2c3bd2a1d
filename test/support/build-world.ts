/** A builder over a real snapshot and image store in a folder, without an engine around it: for builds that run no command. */
import { Readable } from 'node:stream';
import path from 'node:path';
import { type Builder, createBuilder } from '../../runtime-agent/src/build/builder.ts';
import type { BuilderDependencies } from '../../runtime-agent/src/build/dependencies.ts';
import type { BuildRequest } from '../../runtime-agent/src/build/request.ts';
import { readSpecFacts } from '../../runtime-agent/src/containers/spec-facts.ts';
import { openContent } from '../../runtime-agent/src/content/content.ts';
import { createEventLog, type EventLog } from '../../runtime-agent/src/events/event-log.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { openLayerBlobs } from '../../runtime-agent/src/images/layer-blobs.ts';
import { type ImageStore, openImageStore } from '../../runtime-agent/src/images/store.ts';
import { createRegistry } from '../../runtime-agent/src/registry/registry.ts';
import { createTransport } from '../../runtime-agent/src/registry/transport.ts';
import { openSnapshots, type SnapshotStore } from '../../runtime-agent/src/snapshots/store.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';
import { handMadeTar, type HandEntry } from './tar-builder.ts';

export interface BuildWorld extends AsyncDisposable {
  readonly root: string;
  readonly builder: Builder;
  /** What the builder was made with. */
  readonly dependencies: BuilderDependencies;
  readonly events: EventLog;
  readonly images: ImageStore;
  readonly snapshots: SnapshotStore;
  /** Builds the Dockerfile with the entries as context; gives the image's id and what was said. */
  build(
    dockerfile: string,
    entries?: readonly HandEntry[],
    more?: Partial<BuildRequest>,
  ): Promise<{ id: string; said: string }>;
  /** A file of an image, read through its layers, the topmost first. */
  hostPaths(imageId: string, file: string): string[];
}

/** @param root an empty folder on a file system that overlayfs can use */
export async function openBuildWorld(root: string): Promise<BuildWorld> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(openDatabase(path.join(root, 'state.db')));
  const transport = stack.use(createTransport());
  const content = openContent(path.join(root, 'content'));
  const layerBlobs = openLayerBlobs(database, content, linuxHost);
  const blobTar = (diffId: string): Promise<Readable> => layerBlobs.tar(diffId);
  const snapshots = openSnapshots({ host: linuxHost, database, root: path.join(root, 'snapshots'), blobTar });
  const platform = { os: 'linux', architecture: 'amd64' };
  const registry = createRegistry({ transport, registryMirrors: [], insecureRegistries: [] });
  const events = createEventLog();
  const images = openImageStore({
    host: linuxHost,
    content,
    layerBlobs,
    snapshots,
    registry,
    transport,
    database,
    events,
    platform,
    imageUsers: () => [],
    layerUsers: () => builder.chainIds(),
    applyChanges: (base) => base,
  });
  const nothingRuns = (): never => {
    throw new Error('this world runs no commands');
  };
  const dependencies: BuilderDependencies = {
    host: linuxHost,
    snapshots,
    images,
    transport,
    registry,
    keepContainer: () => Promise.resolve(),
    networks: { open: nothingRuns, close: async () => {} },
    runner: { run: nothingRuns },
    facts: readSpecFacts({ unusableArchitectures: [], appArmor: false }),
    database,
    dataRoot: root,
    platform,
  };
  const builder: Builder = stack.use(await createBuilder(dependencies));
  const disposables = stack.move();
  return {
    root,
    builder,
    dependencies,
    events,
    images,
    snapshots,
    async build(dockerfile, entries = [], more = {}) {
      let said = '';
      const { imageId } = await builder.build({
        context: Readable.from([handMadeTar([{ name: 'Dockerfile', data: dockerfile }, ...entries])]),
        signal: new AbortController().signal,
        onEvent: (event) => {
          if (event.kind === 'text') said += event.text;
        },
        ...more,
      });
      return { id: imageId, said };
    },
    hostPaths: (imageId, file) =>
      snapshots.lowerDirs(images.resolve(imageId).chainIds).map((layer) => path.join(layer, file)),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}
