/** `POST /commit`: a container's changes as an image. */
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig } from '#model/engine-api/types.ts';
import type { OciContainerDefaults, OciImageConfig } from '#model/oci/image-config.ts';
import type { Container } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { mergeConfig } from './merge-config.ts';
import { instant } from './record.ts';
import { containerPaths } from './rootfs.ts';
import { commandLine } from './spec/process.ts';

export interface CommitRequest {
  readonly reference: string;
  /** `name:tag`; undefined: no name. */
  readonly tag?: string | undefined;
  readonly author: string;
  readonly comment: string;
  /** Keep the container still meanwhile. */
  readonly pause: boolean;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  /** In place of the container's own values, where set. */
  readonly config: ContainerConfig;
}

/** Of a tar that has nothing but its end: such layers are left out of images, as in Docker. */
const EMPTY_LAYER = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/** What new containers of the image take over of this one. */
function defaultsOf(config: ContainerConfig): OciContainerDefaults {
  const names = [
    'User',
    'ExposedPorts',
    'Env',
    'Entrypoint',
    'Cmd',
    'Volumes',
    'WorkingDir',
    'Labels',
    'StopSignal',
    'Shell',
    'Healthcheck',
    'OnBuild',
  ] as const;
  const entries = names.map((name) => [name, config[name]] as const);
  const says = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value).length > 0
      : value !== undefined && value !== null && value !== '';
  return Object.fromEntries(entries.filter(([, value]) => says(value)));
}

/** False when its process has ended, which nobody has been told of yet: it is still already. */
async function keepStill(context: ContainerContext, container: Container): Promise<boolean> {
  const { process } = container.record.state;
  try {
    await context.runtime.pause(container.id);
    publish(context, container, 'pause');
    return true;
  } catch (error) {
    if (process !== undefined && context.runtime.alive(process)) throw error;
    return false;
  }
}

export async function commitContainer(context: ContainerContext, request: CommitRequest): Promise<string> {
  const container = context.store.find(request.reference);
  return await container.lock.run(async () => {
    const { record } = container;
    if (container.beingRemoved) {
      const message = `You cannot commit container ${request.reference} which is being removed`;
      throw new EngineError('conflict', message);
    }
    const still = request.pause && record.state.status === 'running' && (await keepStill(context, container));
    try {
      const { upper } = containerPaths(context.dataRoot, record.id);
      const snapshot = await context.snapshots.commitUpper(record.chainIds.at(-1), upper, { keepUpper: true });
      const merged = mergeConfig({ ...request.config }, defaultsOf(record.config));
      const from = context.images.find(record.image);
      const base = from?.config;
      const changed = snapshot.diffId !== EMPTY_LAYER;
      const now = instant();
      const config: OciImageConfig = {
        created: now,
        ...(request.author === '' ? {} : { author: request.author }),
        architecture: record.platform.architecture,
        docker_version: ENGINE_VERSION,
        os: record.platform.os,
        ...(base?.variant === undefined ? {} : { variant: base.variant }),
        config: context.applyChanges(defaultsOf(merged), request.changes),
        rootfs: { type: 'layers', diff_ids: [...record.diffIds, ...(changed ? [snapshot.diffId] : [])] },
        history: [
          ...(base?.history ?? []),
          {
            created: now,
            created_by: commandLine(record.config).join(' '),
            ...(request.author === '' ? {} : { author: request.author }),
            ...(request.comment === '' ? {} : { comment: request.comment }),
            ...(changed ? {} : { empty_layer: true }),
          },
        ],
      };
      const chainIds = [...record.chainIds, ...(changed ? [snapshot.chainId] : [])];
      const named = request.tag ? { tags: [request.tag] } : {};
      const parent = from === undefined ? {} : { parent: from.id };
      const image = await context.images.add({ config, chainIds, ...named, ...parent });
      publish(context, container, 'commit', {
        comment: request.comment,
        imageID: image.id,
        imageRef: request.tag ?? '',
      });
      return image.id;
    } finally {
      if (still) {
        await context.runtime.resume(record.id);
        publish(context, container, 'unpause');
      }
    }
  });
}
