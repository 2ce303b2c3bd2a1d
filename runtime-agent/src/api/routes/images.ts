/** /images/…: what is here, its names and its removal. Transfers are in image-transfer.ts. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { HistoryResponseItem, ImageSummary } from '#model/engine-api/types.ts';
import type { Route } from '../route.ts';

export interface ImageRoutesDeps {
  summaries(options: {
    readonly all: boolean;
    readonly sharedSize: boolean;
    readonly filters: Filters;
  }): ImageSummary[];
  inspect(nameOrId: string): Record<string, unknown>;
  history(nameOrId: string): HistoryResponseItem[];
  tag(nameOrId: string, repository: string, tag: string): void;
  remove(nameOrId: string, options: { readonly force: boolean; readonly prune: boolean }): Promise<readonly object[]>;
  prune(filters: Filters): Promise<object>;
}

const NONE = '<none>:<none>';
const NONE_DIGEST = '<none>@<none>';

/** Before 1.43 images without a name had one that says so; before 1.44 the size had a second name. */
function forVersion(summary: ImageSummary, apiVersion: string): object {
  const minor = Number(apiVersion.split('.')[1]);
  if (minor >= 44) return summary;
  const sized = { ...summary, VirtualSize: summary.Size };
  const named = summary.RepoTags.length + summary.RepoDigests.length > 0;
  return minor >= 43 || named ? sized : { ...sized, RepoTags: [NONE], RepoDigests: [NONE_DIGEST] };
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
  return {
    ...image,
    ...(minor < 44 && { VirtualSize: image['Size'] }),
    // docker-compose 1 speaks the newest version and cannot recreate a container where this is missing.
    ContainerConfig: minor < 45 ? NO_CONTAINER_CONFIG : {},
    ...(minor < 50 && { Config: { ...LEGACY_CONFIG, ...(image['Config'] as object | undefined) } }),
  };
}

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
      handle: async () => {
        const advice =
          'searching registries is not supported: name the image in full, as in `docker pull host/name:tag`';
        throw new EngineError('not-implemented', advice);
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
      handle: async ({ params, apiVersion }) => {
        return { status: 200, body: inspectForVersion(deps.inspect(params['name'] ?? ''), apiVersion) };
      },
    },
    {
      method: 'GET',
      path: '/images/{name*}/history',
      handle: async ({ params }) => ({ status: 200, body: deps.history(params['name'] ?? '') }),
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
        const options = { force: call.flag('force'), prune: !call.flag('noprune') };
        return { status: 200, body: await deps.remove(call.params['name'] ?? '', options) };
      },
    },
  ];
}
