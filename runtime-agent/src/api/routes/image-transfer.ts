/** /images/create, push, get, load, /distribution and /auth: what comes in and goes out. */
import type { Readable } from 'node:stream';
import { readBody, type Shape } from '#model/engine-api/body-shape.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { isDigest } from '#model/oci/digest.ts';
import type { Platform } from '#model/oci/platform.ts';
import { isTag, parseReference } from '#model/oci/reference.ts';
import type { ProgressMessage } from '#model/engine-api/progress.ts';
import { pickCredentials, readRegistryAuth } from '../../registry/registry-auth.ts';
import type { RegistryCredentials } from '../../registry/credentials.ts';
import { platformParameter, platformParameters } from '../platform-parameter.ts';
import { replyWithProgress } from '../progress-reply.ts';
import type { Call, Reply, Route } from '../route.ts';

export interface Transfer {
  readonly credentials?: RegistryCredentials;
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

export interface ImportOptions {
  /** `-`: the body. Otherwise a URL. */
  readonly source: string;
  readonly body: Readable;
  /** '' for none. */
  readonly reference: string;
  readonly message: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  readonly platform?: string;
}

type LoadOptions = Transfer & { readonly quiet: boolean; readonly platform: Platform | undefined };
type PushOptions = Transfer & {
  readonly repository: string;
  readonly tag?: string;
  readonly platform: Platform | undefined;
};

export interface ImageTransferDeps {
  pull(request: Transfer & { readonly reference: string; readonly platform?: string }): Promise<unknown>;
  /** All tags of a repository. */
  pullAll(request: Transfer & { readonly reference: string; readonly platform?: string }): Promise<void>;
  push(request: PushOptions): Promise<void>;
  import(request: Transfer & ImportOptions): Promise<void>;
  load(tar: Readable, request: LoadOptions): Promise<void>;
  /** A docker archive of the images; with `platforms` each has to be for one of them. */
  save(names: readonly string[], platforms: readonly Platform[], signal: AbortSignal): Promise<Readable>;
  distribution(reference: string, credentials: RegistryCredentials, signal: AbortSignal): Promise<object>;
  /** Throws EngineError('unauthorized') when the registry does not take the credentials. */
  checkCredentials(credentials: RegistryCredentials, signal: AbortSignal): Promise<object>;
}

/** `node` and `20`, or a digest in the tag's place, as one reference. Throws EngineError('invalid') in Docker's words. */
function joined(image: string, tag: string, digests: 'digests' | 'tags only'): string {
  if (tag === '') return image;
  parseReference(image); // a bad name is told before a bad tag
  const name = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  if (digests === 'digests' && isDigest(tag)) return `${name}@${tag}`;
  if (!isTag(tag)) throw new EngineError('invalid', 'invalid tag format');
  return `${name}:${tag}`;
}

/** Neither tag nor digest; a colon before the last slash is a port. */
function isBareRepository(reference: string): boolean {
  return !reference.includes('@') && !reference.slice(reference.lastIndexOf('/') + 1).includes(':');
}

const LOGIN: Shape = {
  go: 'registry.AuthConfig',
  fields: {
    username: 'string',
    password: 'string',
    auth: 'string',
    email: 'string',
    serveraddress: 'string',
    identitytoken: 'string',
    registrytoken: 'string',
  },
};

/** A registry that cannot be reached is a fault of dockerd's own, by its status. */
function asDockerd(error: unknown): never {
  if (!(error instanceof EngineError && error.code === 'unavailable')) throw error;
  throw new EngineError('internal', error.message, { cause: error });
}

/** dockerd reads this body by itself: whatever is wrong with it is its own fault, by its status, and in fewer words. */
async function readLogin(call: Call): Promise<RegistryCredentials> {
  try {
    const body = await call.json();
    if (body === undefined) throw new EngineError('invalid', 'EOF');
    return pickCredentials(readBody<object>(body, LOGIN));
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'invalid')) throw error;
    throw new EngineError('internal', error.message.replace(/^invalid JSON: /, ''), { cause: error });
  }
}

const credentialsOf = (call: Call): RegistryCredentials => readRegistryAuth(call.request.headers['x-registry-auth']);

async function create(call: Call, deps: ImageTransferDeps): Promise<undefined> {
  const { query, signal } = call;
  const image = query.get('fromImage') ?? '';
  const source = query.get('fromSrc') ?? '';
  const platform = query.get('platform') ?? '';
  const chosen = platform === '' ? {} : { platform };
  if (image === '' && source === '') {
    throw new EngineError('invalid', 'invalid reference format: neither fromImage nor fromSrc says what to create');
  }
  if (image !== '') {
    const request = {
      reference: joined(image, query.get('tag') ?? '', 'digests'),
      credentials: credentialsOf(call),
      ...chosen,
    };
    return await replyWithProgress(call, async (progress) => {
      // As dockerd: a repository alone is all of its tags. Clients that want `latest` say so.
      if (isBareRepository(request.reference)) await deps.pullAll({ ...request, progress, signal });
      else await deps.pull({ ...request, progress, signal });
    });
  }
  const reference = query.get('repo') ? joined(query.get('repo') ?? '', query.get('tag') ?? '', 'tags only') : '';
  const message = query.get('message') ?? '';
  const options = { source, body: call.body, reference, message, changes: query.getAll('changes'), ...chosen };
  return await replyWithProgress(call, (progress) => deps.import({ ...options, progress, signal }));
}

function push(call: Call, deps: ImageTransferDeps): Promise<undefined> {
  const tag = call.query.get('tag') ?? '';
  if (tag !== '' && !isTag(tag)) throw new EngineError('invalid', 'invalid tag format');
  const platform = platformParameter(call.query);
  const request = {
    platform,
    repository: call.params['name'] ?? '',
    credentials: credentialsOf(call),
    signal: call.signal,
  };
  return replyWithProgress(call, (progress) => deps.push({ ...request, progress, ...(tag === '' ? {} : { tag }) }));
}

export function imageTransferRoutes(deps: ImageTransferDeps): readonly Route[] {
  const save = async (names: readonly string[], { query, signal }: Call): Promise<Reply> => {
    if (query.getAll('platform').length > 1) {
      throw new EngineError('invalid', 'multiple platform parameters not supported');
    }
    const body = await deps.save(names, platformParameters(query, 'platform'), signal);
    return { status: 200, headers: { 'Content-Type': 'application/x-tar' }, body };
  };
  return [
    { method: 'POST', path: '/images/create', handle: (call) => create(call, deps) },
    {
      method: 'POST',
      path: '/images/load',
      handle: (call) => {
        const options = { signal: call.signal, quiet: call.flag('quiet'), platform: platformParameter(call.query) };
        // As dockerd: whatever is wrong with the archive is told in the stream.
        return replyWithProgress(call, (progress) => deps.load(call.body, { ...options, progress }), { atOnce: true });
      },
    },
    {
      method: 'GET',
      path: '/images/get',
      // Clients send the parameter several times, or once with commas.
      handle: (call) => {
        const given = call.query.getAll('names');
        const names = given.flatMap((text) => text.split(',')).filter(Boolean);
        if (given.length > 0 && names.length === 0) throw new EngineError('internal', 'invalid reference format');
        return save(names, call);
      },
    },
    {
      method: 'GET',
      path: '/images/{name*}/get',
      handle: (call) => save([call.params['name'] ?? ''], call),
    },
    { method: 'POST', path: '/images/{name*}/push', handle: (call) => push(call, deps) },
    {
      method: 'GET',
      path: '/distribution/{name*}/json',
      handle: async (call) => ({
        status: 200,
        body: await deps.distribution(call.params['name'] ?? '', credentialsOf(call), call.signal),
      }),
    },
    {
      method: 'POST',
      path: '/auth',
      handle: async (call) => {
        const checked = deps.checkCredentials(await readLogin(call), call.signal);
        return { status: 200, body: await checked.catch(asDockerd) };
      },
    },
  ];
}
