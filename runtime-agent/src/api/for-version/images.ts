/** Images as clients of old versions of the API are shown them. */
import type { ImageSummary } from '#model/engine-api/types.ts';
import type { Before } from '../version.ts';

const NONE = '<none>:<none>';
const NONE_DIGEST = '<none>@<none>';

/**
 * Before 1.43 images without a name had one that says so, and absent lists were null; before 1.44 a size that is not zero
 * had a second name; before 1.51 containers were not counted.
 */
export function summaryForVersion(summary: ImageSummary, before: Before): object {
  if (!before('1.51')) return summary;
  const uncounted = { ...summary, Containers: -1 };
  if (!before('1.44')) return uncounted;
  const sized = { ...uncounted, ...(summary.Size > 0 && { VirtualSize: summary.Size }) };
  if (!before('1.43')) return sized;
  const { RepoTags, RepoDigests } = summary;
  if (RepoTags.length + RepoDigests.length === 0) return { ...sized, RepoTags: [NONE], RepoDigests: [NONE_DIGEST] };
  const orNull = (names: readonly string[]): readonly string[] | null => (names.length === 0 ? null : names);
  return { ...sized, RepoTags: orNull(RepoTags), RepoDigests: orNull(RepoDigests) };
}

/** What an image's Config had before 1.50, always with these values. */
const LEGACY_CONFIG = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
};
/** Before 1.45, where the image says nothing else: only Docker's old builder does. */
const NO_CONTAINER_CONFIG = {
  ...LEGACY_CONFIG,
  User: '',
  Env: null,
  Cmd: null,
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

export function imageForVersion(image: Record<string, unknown>, before: Before): object {
  const { Created, Container, ContainerConfig, ...rest } = image;
  // Images need not know when they were made.
  const isDated = before('1.44') || Created !== '0001-01-01T00:00:00Z';
  return {
    ...rest,
    ...(Created !== undefined && isDated && { Created }),
    ...(before('1.44') && Number(image['Size']) > 0 && { VirtualSize: image['Size'] }),
    ...(before('1.45') && Container !== undefined && { Container }),
    // docker-compose 1 speaks the newest version and cannot recreate a container where this is missing.
    ContainerConfig: before('1.45') ? { ...NO_CONTAINER_CONFIG, ...(ContainerConfig as object | undefined) } : {},
    ...(before('1.50') && { Config: { ...LEGACY_CONFIG, ...(image['Config'] as object | undefined) } }),
  };
}
