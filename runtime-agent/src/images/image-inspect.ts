/** One image in full, and its history, as the API shows them. */
import type { HistoryResponseItem } from '#model/engine-api/types.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import type { Image } from './images.ts';

/** What Go writes for a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z';

/** @param layerDirectories top first */
export function inspectImage(image: Image, layerDirectories: readonly string[]): Record<string, unknown> {
  const { config } = image;
  const extra = config as typeof config & Readonly<Record<string, unknown>>;
  const [top, ...below] = layerDirectories;
  return {
    Id: image.id,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Parent: image.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? text(extra['comment']),
    Created: config.created ?? NEVER,
    DockerVersion: text(config.docker_version),
    Author: config.author ?? '',
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    ...(typeof extra['os.version'] === 'string' ? { OsVersion: extra['os.version'] } : {}),
    Size: image.size,
    GraphDriver: {
      Data: top === undefined ? null : overlayData(top, below),
      Name: 'overlay2',
    },
    RootFS: { Type: 'layers', ...(config.rootfs.diff_ids.length > 0 && { Layers: config.rootfs.diff_ids }) },
    Metadata: { LastTagTime: image.lastTagTime ?? NEVER },
    Config: inspectConfig(config.config ?? {}),
    // What builders before BuildKit left; shown to clients of their time.
    ...(typeof extra['container'] === 'string' && { Container: extra['container'] }),
    ...(typeof extra['container_config'] === 'object' && { ContainerConfig: extra['container_config'] }),
  };
}

/** Where an image would be mounted: as with Docker, nothing is there. */
function overlayData(top: string, below: readonly string[]): Record<string, string> {
  const lower = below.length === 0 ? {} : { LowerDir: below.join(':') };
  return { ...lower, MergedDir: `${top}.merged`, UpperDir: top, WorkDir: `${top}.work` };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Docker shows these fields always, the others when they are set. */
function inspectConfig(config: OciContainerDefaults): Record<string, unknown> {
  const always = { Cmd: null, Entrypoint: null, Env: null, Labels: null, OnBuild: null, User: '', Volumes: null };
  return { ...always, WorkingDir: '', ...config };
}

/**
 * Newest first. Entries below the top have an id only where the image that ends there is known: one that was built or
 * committed here from another.
 * @param layerSizes bottom first @param parentOf the image that an image was made from
 */
export function imageHistory(
  image: Image,
  layerSizes: readonly number[],
  parentOf: (image: Image) => Image | undefined,
): HistoryResponseItem[] {
  const sizes = [...layerSizes];
  const ends = imagesByLength(image, parentOf);
  const entries = image.config.history ?? [];
  const items = entries.map((entry, i): HistoryResponseItem => {
    const known = ends.get(i + 1);
    return {
      Comment: entry.comment ?? '',
      Created: Math.floor((Date.parse(entry.created ?? '') || 0) / 1000),
      CreatedBy: entry.created_by ?? '',
      Id: known?.id ?? '<missing>',
      Size: entry.empty_layer === true ? 0 : (sizes.shift() ?? 0),
      Tags: (known === undefined || known.repoTags.length === 0 ? null : [...known.repoTags]) as string[],
    };
  });
  return items.reverse();
}

/** The image and those below it, by the number of their history entries. */
function imagesByLength(image: Image, parentOf: (image: Image) => Image | undefined): Map<number, Image> {
  const ends = new Map<number, Image>();
  for (let one: Image | undefined = image; one !== undefined; one = parentOf(one)) {
    const length = one.config.history?.length ?? 0;
    if (ends.has(length)) break;
    ends.set(length, one);
  }
  return ends;
}
