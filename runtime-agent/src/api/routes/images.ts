/** /images/…: what is here, its names and its removal. Transfers are in image-transfer.ts. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { HistoryResponseItem, ImageSummary } from '#model/engine-api/types.ts';
import type { Platform } from '#model/oci/platform.ts';
import { readRegistryAuth } from '../../registry/registry-auth.ts';
import type { SearchRequest, SearchResult } from '../../registry/search.ts';
import { platformParameter, platformParameters } from '../platform-parameter.ts';
import { searchParameters } from '../search-parameters.ts';
import type { Call, Route } from '../route.ts';

interface RemoveOptions {
  readonly force: boolean;
  readonly prune: boolean;
  /** Only where the image is for one of them; all when empty. */
  readonly platforms: readonly Platform[];
}

export interface ImageRoutesDeps {
  summaries(options: {
    readonly all: boolean;
    readonly sharedSize: boolean;
    readonly filters: Filters;
  }): ImageSummary[];
  inspect(nameOrId: string, platform?: Platform): Record<string, unknown>;
  history(nameOrId: string, platform?: Platform): HistoryResponseItem[];
  tag(nameOrId: string, repository: string, tag: string): void;
  remove(nameOrId: string, options: RemoveOptions): Promise<readonly object[]>;
  prune(filters: Filters): Promise<object>;
  search(request: SearchRequest): Promise<readonly SearchResult[]>;
}

const NONE = '<none>:<none>';
const NONE_DIGEST = '<none>@<none>';

/**
 * Before 1.43 images without a name had one that says so, and absent lists were null; before 1.44 a size that is not zero
 * had a second name; before 1.51 containers were not counted.
 */
function forVersion(summary: ImageSummary, apiVersion: string): object {
  const minor = Number(apiVersion.split('.')[1]);
  if (minor >= 51) return summary;
  const uncounted = { ...summary, Containers: -1 };
  if (minor >= 44) return uncounted;
  const sized = { ...uncounted, ...(summary.Size > 0 && { VirtualSize: summary.Size }) };
  if (minor >= 43) return sized;
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
/** Before 1.45. Docker too leaves it empty where its old builder was not at work. */
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

function inspectForVersion(image: Record<string, unknown>, apiVersion: string): object {
  const minor = Number(apiVersion.split('.')[1]);
  const { Created, ...rest } = image;
  // Images need not know when they were made.
  const isDated = minor < 44 || Created !== '0001-01-01T00:00:00Z';
  return {
    ...rest,
    ...(Created !== undefined && isDated && { Created }),
    ...(minor < 44 && { VirtualSize: image['Size'] }),
    // docker-compose 1 speaks the newest version and cannot recreate a container where this is missing.
    ContainerConfig: minor < 45 ? NO_CONTAINER_CONFIG : {},
    ...(minor < 50 && { Config: { ...LEGACY_CONFIG, ...(image['Config'] as object | undefined) } }),
  };
}

const nameOf = ({ params }: Call): string => params['name'] ?? '';

export function imageRoutes(deps: ImageRoutesDeps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/images/json',
      handle: async (call) => {
        const filters = new Map(call.filters());
        // What `docker images NAME` sent before 1.25.
        const pattern = call.query.get('filter');
        if (pattern !== null && pattern !== '') filters.set('reference', [pattern]);
        const options = { all: call.flag('all'), sharedSize: call.flag('shared-size'), filters };
        return { status: 200, body: deps.summaries(options).map((image) => forVersion(image, call.apiVersion)) };
      },
    },
    {
      method: 'GET',
      path: '/images/search',
      handle: async (call) => {
        const { limit, nothing, accepts } = searchParameters(call.query.get('limit') ?? '', call.filters());
        const credentials = readRegistryAuth(call.request.headers['x-registry-auth']);
        const request = { term: call.query.get('term') ?? '', limit, credentials, signal: call.signal };
        const found = nothing ? [] : await deps.search(request);
        return { status: 200, body: found.filter(accepts) };
      },
    },
    {
      method: 'POST',
      path: '/images/prune',
      handle: async (call) => ({ status: 200, body: await deps.prune(call.filters()) }),
    },
    {
      method: 'GET',
      path: '/images/{name*}/json',
      handle: async (call) => {
        const platform = platformParameter(call.query);
        if (platform !== undefined && call.flag('manifests')) {
          const text = 'conflicting options: manifests and platform options cannot both be set';
          throw new EngineError('invalid', text);
        }
        return { status: 200, body: inspectForVersion(deps.inspect(nameOf(call), platform), call.apiVersion) };
      },
    },
    {
      method: 'GET',
      path: '/images/{name*}/history',
      handle: async (call) => ({ status: 200, body: deps.history(nameOf(call), platformParameter(call.query)) }),
    },
    {
      method: 'POST',
      path: '/images/{name*}/tag',
      handle: async ({ params, query }) => {
        const repository = query.get('repo') ?? '';
        if (repository === '')
          throw new EngineError('invalid', 'invalid reference format: the repo parameter is empty');
        deps.tag(params['name'] ?? '', repository, query.get('tag') ?? '');
        return { status: 201 };
      },
    },
    {
      method: 'DELETE',
      path: '/images/{name*}',
      handle: async (call) => {
        if (nameOf(call).trim() === '') throw new EngineError('invalid', 'image name cannot be blank');
        const platforms = platformParameters(call.query, 'platforms');
        const options = { force: call.flag('force'), prune: !call.flag('noprune'), platforms };
        return { status: 200, body: await deps.remove(nameOf(call), options) };
      },
    },
  ];
}
