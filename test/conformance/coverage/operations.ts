/** The operations of the Docker Engine API 1.51, by the names that its specification gives their paths. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  System: [
    'GET /_ping',
    'HEAD /_ping',
    'GET /version',
    'GET /info',
    'GET /events',
    'GET /system/df',
    'POST /auth',
    'POST /session',
  ],
  Containers: [
    'GET /containers/json',
    'POST /containers/create',
    'GET /containers/{id}/json',
    'GET /containers/{id}/top',
    'GET /containers/{id}/logs',
    'GET /containers/{id}/changes',
    'GET /containers/{id}/export',
    'GET /containers/{id}/stats',
    'POST /containers/{id}/resize',
    'POST /containers/{id}/start',
    'POST /containers/{id}/stop',
    'POST /containers/{id}/restart',
    'POST /containers/{id}/kill',
    'POST /containers/{id}/update',
    'POST /containers/{id}/rename',
    'POST /containers/{id}/pause',
    'POST /containers/{id}/unpause',
    'POST /containers/{id}/attach',
    'GET /containers/{id}/attach/ws',
    'POST /containers/{id}/wait',
    'DELETE /containers/{id}',
    'HEAD /containers/{id}/archive',
    'GET /containers/{id}/archive',
    'PUT /containers/{id}/archive',
    'POST /containers/prune',
    'POST /commit',
  ],
  Exec: ['POST /containers/{id}/exec', 'POST /exec/{id}/start', 'POST /exec/{id}/resize', 'GET /exec/{id}/json'],
  Images: [
    'GET /images/json',
    'POST /images/create',
    'GET /images/{name}/json',
    'GET /images/{name}/history',
    'POST /images/{name}/push',
    'POST /images/{name}/tag',
    'DELETE /images/{name}',
    'GET /images/search',
    'POST /images/prune',
    'GET /images/{name}/get',
    'GET /images/get',
    'POST /images/load',
    'GET /distribution/{name}/json',
    'POST /build',
    'POST /build/prune',
  ],
  Networks: [
    'GET /networks',
    'GET /networks/{id}',
    'DELETE /networks/{id}',
    'POST /networks/create',
    'POST /networks/{id}/connect',
    'POST /networks/{id}/disconnect',
    'POST /networks/prune',
  ],
  Volumes: [
    'GET /volumes',
    'POST /volumes/create',
    'GET /volumes/{name}',
    'PUT /volumes/{name}',
    'DELETE /volumes/{name}',
    'POST /volumes/prune',
  ],
  Plugins: [
    'GET /plugins',
    'GET /plugins/privileges',
    'POST /plugins/pull',
    'GET /plugins/{name}/json',
    'DELETE /plugins/{name}',
    'POST /plugins/{name}/enable',
    'POST /plugins/{name}/disable',
    'POST /plugins/{name}/upgrade',
    'POST /plugins/create',
    'POST /plugins/{name}/push',
    'POST /plugins/{name}/set',
  ],
  Swarm: [
    'GET /swarm',
    'POST /swarm/init',
    'POST /swarm/join',
    'POST /swarm/leave',
    'POST /swarm/update',
    'GET /swarm/unlockkey',
    'POST /swarm/unlock',
    ...['nodes', 'services', 'tasks', 'secrets', 'configs'].flatMap((what) => [`GET /${what}`, `GET /${what}/{id}`]),
    ...['nodes', 'services', 'secrets', 'configs'].flatMap((what) => [
      `DELETE /${what}/{id}`,
      `POST /${what}/{id}/update`,
    ]),
    ...['services', 'secrets', 'configs'].map((what) => `POST /${what}/create`),
    'GET /services/{id}/logs',
    'GET /tasks/{id}/logs',
  ],
};

export interface Operation {
  readonly group: string;
  readonly method: string;
  readonly path: string;
}

export const OPERATIONS: readonly Operation[] = Object.entries(LISTS).flatMap(([group, lines]) =>
  lines.map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return { group, method, path };
  }),
);
