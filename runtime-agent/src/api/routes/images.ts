/** /images/…: what is here, its names and its removal. Transfers are in image-transfer.ts. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { HistoryResponseItem, ImageSummary } from '#model/engine-api/types.ts';
import type { Platform } from '#model/oci/platform.ts';
import { readRegistryAuth } from '../../registry/registry-auth.ts';
import type { SearchRequest, SearchResult } from '../../registry/search.ts';
import { imageForVersion, summaryForVersion } from '../for-version/images.ts';
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
        return { status: 200, body: deps.summaries(options).map((image) => summaryForVersion(image, call.before)) };
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
        return { status: 200, body: imageForVersion(deps.inspect(nameOf(call), platform), call.before) };
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
