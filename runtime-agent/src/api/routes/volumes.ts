/** /volumes/… */
import { NOT_A_MANAGER } from './system.ts';
import { readBody, type Shape } from '#model/engine-api/body-shape.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { EventLog } from '../../events/event-log.ts';
import { filterVolumes } from '../../volumes/volume-list.ts';
import { pruneVolumes } from '../../volumes/volume-prune.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { Call, Route } from '../route.ts';

export interface VolumeRoutesDeps {
  readonly volumes: Pick<Volumes, 'create' | 'inspect' | 'list' | 'remove' | 'users'>;
  readonly events: Pick<EventLog, 'publish'>;
}

const TEXT_MAP: Shape = { map: 'string' };
const CREATE: Shape = {
  go: 'volume.CreateOptions',
  fields: {
    Name: 'string',
    Driver: 'string',
    DriverOpts: TEXT_MAP,
    Labels: TEXT_MAP,
    ClusterVolumeSpec: { fields: {}, go: 'volume.ClusterVolumeSpec' },
  },
};

interface CreateBody {
  readonly Name?: string;
  readonly Driver?: string;
  readonly DriverOpts?: Record<string, string>;
  readonly Labels?: Record<string, string>;
  readonly ClusterVolumeSpec?: unknown;
}

function readFilters(call: Call): Filters {
  try {
    return call.filters();
  } catch (error) {
    throw new EngineError('invalid', `error reading volume filters: ${messageOf(error)}`, { cause: error });
  }
}

export function volumeRoutes({ volumes, events }: VolumeRoutesDeps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/volumes',
      handle: async (call) => {
        return { status: 200, body: { Volumes: filterVolumes(volumes, readFilters(call)), Warnings: null } };
      },
    },
    {
      method: 'GET',
      path: '/volumes/{name}',
      handle: async ({ params }) => ({ status: 200, body: volumes.inspect(params['name'] ?? '') }),
    },
    {
      method: 'POST',
      path: '/volumes/create',
      handle: async (call) => {
        const { ClusterVolumeSpec: cluster, ...options } = readBody<CreateBody>(
          await call.json(),
          CREATE,
          'CreateOptions',
        );
        if (cluster !== undefined) throw new EngineError('unavailable', NOT_A_MANAGER);
        return { status: 201, body: await volumes.create(options) };
      },
    },
    {
      method: 'POST',
      path: '/volumes/prune',
      handle: async (call) => {
        // Since 1.42 named volumes are left alone.
        const pruned = await pruneVolumes(volumes, call.filters(), call.before('1.42'));
        events.publish('volume', 'prune', '', { reclaimed: String(pruned.SpaceReclaimed) });
        return { status: 200, body: pruned };
      },
    },
    {
      method: 'PUT',
      path: '/volumes/{name}',
      handle: () => Promise.reject(new EngineError('unavailable', NO_SWARM)),
    },
    {
      method: 'DELETE',
      path: '/volumes/{name}',
      handle: async (call) => {
        await volumes.remove(call.params['name'] ?? '', call.flag('force'));
        return { status: 204 };
      },
    },
  ];
}

const NO_SWARM = 'volume update only valid for cluster volumes, but swarm is unavailable';
