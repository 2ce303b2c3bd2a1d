/** `/containers/{id}/archive`, `/changes`, `/export`, and `/commit` */
import { readConfigBody } from '#model/engine-api/create-request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { familiarReference, isTag, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { Containers } from '../../containers/containers.ts';
import type { Call, Reply, Route } from '../route.ts';

const id = (call: Call): string => call.params['id'] ?? '';

function place(call: Call): string {
  const path = call.query.get('path');
  if (path === null || path === '') throw new EngineError('invalid', 'bad parameter: pathcannot be empty');
  return path;
}

const statHeader = (stat: object): Record<string, string> => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
});

async function head(containers: Containers, call: Call): Promise<Reply> {
  return { status: 200, headers: statHeader(await containers.statArchive(id(call), place(call))) };
}

async function get(containers: Containers, call: Call): Promise<Reply> {
  const { stat, tar } = await containers.getArchive(id(call), place(call));
  return { status: 200, body: tar, headers: { 'Content-Type': 'application/x-tar', ...statHeader(stat) } };
}

async function put(deps: ContainerFileDeps, call: Call): Promise<Reply> {
  const options = { noOverwriteDirNonDir: call.flag('noOverwriteDirNonDir'), copyUidGid: call.flag('copyUIDGID') };
  const tar = await deps.decompress(call.body);
  await deps.containers.putArchive(id(call), place(call), tar, options);
  return { status: 200 };
}

/** `repo` and `tag` of the query as one name. */
function imageName(call: Call): string | undefined {
  const repository = call.query.get('repo') ?? '';
  const tag = call.query.get('tag') ?? '';
  if (repository === '') return undefined;
  const reference = parseReference(repository);
  if (reference.digest !== undefined) throw new EngineError('invalid', 'cannot import digest reference');
  if (tag === '') return familiarReference(withDefaultTag(reference));
  if (!isTag(tag)) throw new EngineError('invalid', 'invalid tag format');
  return familiarReference({ ...reference, tag });
}

async function commit(containers: Containers, call: Call): Promise<Reply> {
  const config = readConfigBody(await call.json());
  const Id = await containers.commit({
    reference: call.query.get('container') ?? '',
    tag: imageName(call),
    author: call.query.get('author') ?? '',
    comment: call.query.get('comment') ?? '',
    pause: call.flag('pause', true),
    changes: call.query.getAll('changes').flatMap((text) => text.split('\n')),
    config,
  });
  return { status: 201, body: { Id } };
}

export interface ContainerFileDeps {
  readonly containers: Containers;
  /** Takes gzip, bzip2, xz and zstd off, when there is one of them. */
  readonly decompress: (stream: Call['body']) => Promise<Call['body']>;
}

export function containerFileRoutes(deps: ContainerFileDeps): readonly Route[] {
  const { containers } = deps;
  return [
    { method: 'HEAD', path: '/containers/{id*}/archive', handle: (call) => head(containers, call) },
    { method: 'GET', path: '/containers/{id*}/archive', handle: (call) => get(containers, call) },
    { method: 'PUT', path: '/containers/{id*}/archive', handle: (call) => put(deps, call) },
    {
      method: 'GET',
      path: '/containers/{id*}/changes',
      handle: async (call) => {
        const changes = await containers.changes(id(call));
        return { status: 200, body: changes.length === 0 ? null : changes };
      },
    },
    {
      method: 'GET',
      path: '/containers/{id*}/export',
      handle: async (call) => ({
        status: 200,
        body: await containers.export(id(call)),
        headers: { 'Content-Type': 'application/octet-stream' },
      }),
    },
    { method: 'POST', path: '/commit', handle: (call) => commit(containers, call) },
  ];
}
