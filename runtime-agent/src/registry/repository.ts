/** One repository on one endpoint, by the OCI distribution specification. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Digest, type DigestAlgorithm, digestAlgorithm, isDigest } from '#model/oci/digest.ts';
import { type Manifest, MEDIA_TYPES, parseManifest } from '#model/oci/manifest.ts';
import { type Authorizer, createAuthorizer } from './authorizer.ts';
import type { RegistryCredentials } from './credentials.ts';
import type { Endpoint } from './endpoints.ts';
import { registryError } from './registry-error.ts';
import { IMPATIENT, PATIENT, type Patience, sendPatiently } from './patient-send.ts';
import { requestName } from './request-name.ts';
import { readBody, type RegistryRequest, type Transport } from './transport.ts';

export interface FetchedManifest {
  readonly manifest: Manifest;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** The bytes of a manifest that is here already. */
export type KeptManifests = (digest: Digest) => Promise<Buffer | undefined>;

export interface FetchedBlob {
  readonly stream: Readable;
  /** The first byte's place in the blob: 0 when the registry does not do ranges. */
  readonly offset: number;
}

export interface BlobToPut {
  readonly digest: Digest;
  readonly size: number;
  readonly body: Uint8Array | Readable;
}

export interface Repository {
  /** @param reference tag or digest @param kept with it the tag's digest is asked for first, which counts as no pull */
  manifest(reference: string, signal?: AbortSignal, kept?: KeptManifests): Promise<FetchedManifest>;
  /** The blob from `offset` on. */
  blob(digest: Digest, offset: number, signal?: AbortSignal): Promise<FetchedBlob>;
  hasBlob(digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /** All tags (distribution-spec, "Listing Tags"). */
  tags(signal?: AbortSignal): Promise<string[]>;
  /** Makes a blob of another repository of the same registry appear here; false when the registry does not want to. */
  mountBlob(digest: Digest, from: string, signal?: AbortSignal): Promise<boolean>;
  /** In pieces, as they come. @param digest called after the stream has ended */
  uploadBlob(stream: Readable, digest: () => Digest, signal?: AbortSignal): Promise<void>;
  /** In one request. */
  putBlob(blob: BlobToPut, signal?: AbortSignal): Promise<void>;
  putManifest(reference: string, bytes: Uint8Array, mediaType: string, signal?: AbortSignal): Promise<Digest>;
}

export interface RepositoryOptions {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly credentials: RegistryCredentials;
  /** Default: that of the endpoint's kind. */
  readonly patience?: Patience;
}

const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerList,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
  'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1',
].join(', ');
const REDIRECT_LIMIT = 5;

interface Ask {
  readonly method: RegistryRequest['method'];
  /** Path below the repository, or a whole URL that the registry gave. */
  readonly target: string | URL;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: RegistryRequest['body'];
  readonly actions?: 'pull' | 'pull,push';
  /** Nothing else was asked before. */
  readonly isFirst?: boolean;
  readonly extraScope?: string;
  readonly signal?: AbortSignal | undefined;
}

export function openRepository(options: RepositoryOptions): Repository {
  const { transport, endpoint, path, credentials } = options;
  const { patience = endpoint.mirror ? IMPATIENT : PATIENT } = options;
  const authorizer = createAuthorizer({ transport, credentials, insecure: endpoint.insecure, patience });
  const connection = { transport, endpoint, path, authorizer, patience };
  const ask = (question: Ask): Promise<IncomingMessage> => request(connection, question);
  return {
    manifest: async (reference, signal, kept) =>
      (kept && (await keptManifest(ask, reference, kept, signal))) ??
      (await fetchManifest(ask, `${endpoint.base}/v2/${path}`, reference, signal)),
    async blob(digest, offset, signal) {
      const headers = offset > 0 ? { Range: `bytes=${offset}-` } : {};
      const response = await ask({ method: 'GET', target: `blobs/${digest}`, headers, signal });
      if (response.statusCode === 206) return { stream: response, offset };
      if (response.statusCode === 200) return { stream: response, offset: 0 };
      const error = await registryError(response);
      // Asked for what follows the blob's end: it is not as long as the manifest says.
      if (response.statusCode === 416)
        throw new EngineError('invalid', `blob ${digest} of ${path} ends after ${offset} bytes`);
      if (response.statusCode === 404) throw new EngineError('not-found', 'unknown blob', { cause: error.cause });
      throw error;
    },
    async hasBlob(digest, signal) {
      const response = await ask({ method: 'HEAD', target: `blobs/${digest}`, actions: 'pull,push', signal });
      response.resume();
      return response.statusCode === 200;
    },
    tags: (signal) => listTags(ask, endpoint.base, path, signal),
    async mountBlob(digest, from, signal) {
      const target = `blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`;
      const extraScope = `repository:${from}:pull`;
      const response = await ask({ method: 'POST', target, actions: 'pull,push', extraScope, signal });
      response.resume();
      if (response.statusCode === 201) return true;
      if (response.statusCode === 202) await cancelUpload(ask, response.headers.location, signal);
      return false;
    },
    uploadBlob: (stream, digest, signal) => upload(ask, stream, digest, signal),
    async putBlob(blob, signal) {
      await finishUpload(ask, await startUpload(ask, signal), blob, signal);
    },
    async putManifest(reference, bytes, mediaType, signal) {
      const headers = { 'Content-Type': mediaType, 'Content-Length': bytes.length };
      const target = `manifests/${reference}`;
      const response = await ask({ method: 'PUT', target, headers, body: bytes, actions: 'pull,push', signal });
      if (!isSuccess(response)) throw await registryError(response);
      response.resume();
      return digestOf(bytes, 'sha256');
    },
  };
}

type Asker = (question: Ask) => Promise<IncomingMessage>;

/** undefined when the tag is another manifest's now, or the registry does not say. */
async function keptManifest(
  ask: Asker,
  tag: string,
  kept: KeptManifests,
  signal?: AbortSignal,
): Promise<FetchedManifest | undefined> {
  const question = { method: 'HEAD', target: `manifests/${tag}`, headers: { Accept: ACCEPT }, isFirst: true } as const;
  const response = await ask({ ...question, signal });
  response.resume();
  const digest = response.headers['docker-content-digest'];
  if (response.statusCode !== 200 || typeof digest !== 'string' || !isDigest(digest)) return undefined;
  const bytes = await kept(digest);
  return bytes && { manifest: parseManifest(bytes.toString(), response.headers['content-type']), digest, bytes };
}

async function fetchManifest(
  ask: Asker,
  base: string,
  reference: string,
  signal?: AbortSignal,
): Promise<FetchedManifest> {
  const target = `manifests/${reference}`;
  const response = await ask({ method: 'GET', target, headers: { Accept: ACCEPT }, isFirst: true, signal });
  if (response.statusCode !== 200) throw await registryError(response);
  const bytes = await readBody(response);
  const digest = digestOf(bytes, isDigest(reference) ? digestAlgorithm(reference) : 'sha256');
  if (isDigest(reference) && reference !== digest) {
    throw new EngineError('invalid', `manifest verification failed for digest ${reference}`);
  }
  const said = response.headers['docker-content-digest'];
  if (typeof said === 'string' && isDigest(said) && said !== digestOf(bytes, digestAlgorithm(said))) {
    const text = `the registry says that ${target} of ${base} is ${said}, and sends ${digest}`;
    throw new EngineError('invalid', text);
  }
  return { manifest: parseManifest(bytes.toString(), response.headers['content-type']), digest, bytes };
}

async function listTags(ask: Asker, base: string, path: string, signal?: AbortSignal): Promise<string[]> {
  const tags: string[] = [];
  const seen = new Set<string>();
  let target: string | URL = 'tags/list';
  for (;;) {
    const response: IncomingMessage = await ask({ method: 'GET', target, isFirst: true, signal });
    if (response.statusCode !== 200) throw await registryError(response);
    const page = tagsOf(await readBody(response), path);
    tags.push(...page);
    const next = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers['link']?.toString() ?? '')?.[1];
    // Pages that lead in circles, or are empty, would have no end.
    if (next === undefined || page.length === 0 || seen.has(next)) return tags;
    seen.add(next);
    target = located(next, base);
  }
}

function tagsOf(body: Buffer, path: string): string[] {
  try {
    const { tags } = JSON.parse(body.toString()) as { tags?: unknown };
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  } catch (cause) {
    throw new EngineError('unavailable', `tags of ${path}: the registry did not answer in JSON`, { cause });
  }
}

function located(location: string, base: string | URL): URL {
  const url = URL.parse(location, String(base));
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new EngineError(
    'unavailable',
    `${new URL(String(base)).origin} sends elsewhere, to what is no URL: ${location}`,
  );
}

/** Gives the address for the bytes. */
async function startUpload(ask: Asker, signal?: AbortSignal): Promise<string> {
  const started = await ask({ method: 'POST', target: 'blobs/uploads/', actions: 'pull,push', signal });
  const { location } = started.headers;
  if (!isSuccess(started) || location === undefined) throw await registryError(started);
  started.resume();
  return location;
}

/** The registry opened an upload instead of mounting: it need not wait for its end. */
async function cancelUpload(ask: Asker, location: string | undefined, signal?: AbortSignal): Promise<void> {
  if (location === undefined) return;
  const target = new URL(location);
  const cancelled = ask({ method: 'DELETE', target, actions: 'pull,push', signal });
  await cancelled.then((response) => response.resume()).catch(() => {}); // it expires by itself, too
}

async function upload(ask: Asker, stream: Readable, digest: () => Digest, signal?: AbortSignal): Promise<void> {
  const location = await startUpload(ask, signal);
  const headers = { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' };
  const patch = { method: 'PATCH', target: new URL(location), headers, body: stream, signal } as const;
  const sent = await ask({ ...patch, actions: 'pull,push' });
  if (!isSuccess(sent)) throw await registryError(sent);
  sent.resume();
  const rest = { digest: digest(), size: 0, body: new Uint8Array() };
  await finishUpload(ask, sent.headers.location ?? location, rest, signal);
}

/** @param rest what has not been sent yet */
async function finishUpload(
  ask: Asker,
  location: string,
  { digest, size, body }: BlobToPut,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = new URL(location);
  target.searchParams.set('digest', digest);
  const headers = { 'Content-Length': size, 'Content-Type': 'application/octet-stream' };
  const done = await ask({ method: 'PUT', target, headers, body, actions: 'pull,push', signal });
  if (!isSuccess(done)) throw await registryError(done);
  done.resume();
}

interface Connection {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly authorizer: Authorizer;
  readonly patience: Patience;
}

/** Sends, answers one challenge, follows redirects. Locations come back absolute. */
async function request(connection: Connection, question: Ask): Promise<IncomingMessage> {
  const { transport, endpoint, path, authorizer, patience } = connection;
  const { method, target, body, signal, extraScope } = question;
  const scope = `repository:${path}:${question.actions ?? 'pull'}${extraScope === undefined ? '' : ` ${extraScope}`}`;
  let url = target instanceof URL ? target : new URL(`${endpoint.base}/v2/${path}/${target}`);
  const home = new URL(endpoint.base).origin;
  let challenged = false;
  for (let hops = 0; hops <= REDIRECT_LIMIT; ) {
    const authorization = url.origin === home ? authorizer.header(scope) : undefined;
    const headersSent = {
      ...question.headers,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const named = question.isFirst === true && url.origin === home ? { named: new URL('/v2/', home) } : {};
    const rest = { ...named, ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) };
    const sent = { method, url, headers: headersSent, insecure: endpoint.insecure, ...rest };
    // A HEAD that comes first has a GET after it.
    const isAsking = question.isFirst === true && method === 'HEAD';
    const response = await sendPatiently(transport, sent, isAsking ? IMPATIENT : patience);
    const { statusCode = 0, headers } = response;
    if (headers.location !== undefined) headers.location = located(headers.location, url).href;
    if (statusCode === 401 && !challenged && headers['www-authenticate'] && url.origin === home) {
      challenged = true;
      const challenge = { header: headers['www-authenticate'], sent: authorization, asked: requestName(method, url) };
      if (!(await authorizer.answer(challenge, scope, signal))) return response;
      response.resume();
      // A stream cannot be sent again here; who has its source can, now that the token is fresh.
      if (isStream(body)) throw new EngineError('unavailable', `${method} ${url.origin}: the token expired on the way`);
    } else if (
      headers.location &&
      ([307, 308].includes(statusCode) ? !isStream(body) : [301, 302, 303].includes(statusCode) && isRead(method))
    ) {
      response.resume();
      url = new URL(headers.location);
      hops++;
    } else return response;
  }
  throw new EngineError('unavailable', `too many redirects from ${endpoint.base}`);
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Not all registries say which success it is in the specification's words. */
const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

function isStream(body: RegistryRequest['body']): boolean {
  return body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
}

function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
