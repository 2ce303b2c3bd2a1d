/**
 * `docker search`: the search of the registry's first API (`GET /v1/search`), which Docker Hub has; a registry without it is
 * asked for its catalogue (distribution-spec, "Listing Repositories"), as are the mirrors when the Hub cannot be reached.
 */
import type { IncomingMessage } from 'node:http';
import { EngineError } from '#model/engine-api/errors.ts';
import { createAuthorizer } from './authorizer.ts';
import type { RegistryCredentials } from './credentials.ts';
import { type Endpoint, type EndpointOptions, endpointsOf } from './endpoints.ts';
import { requestName } from './request-name.ts';
import { readBody, type Transport } from './transport.ts';

export interface SearchRequest {
  /** `node`, or `host:5000/node` for one registry. */
  readonly term: string;
  /** At most that many: 1 to 100. */
  readonly limit: number;
  readonly credentials: RegistryCredentials;
  readonly signal: AbortSignal;
}

export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

export interface SearchDependencies extends EndpointOptions {
  readonly transport: Transport;
}

const HUB_SEARCH = 'https://index.docker.io';
const CATALOGUE_PAGES = 20;
const OFFICIAL = 'library/';

/** Throws EngineError in Docker's words. */
export async function searchImages(
  dependencies: SearchDependencies,
  request: SearchRequest,
): Promise<readonly SearchResult[]> {
  const { term } = request;
  if (term.includes('://')) {
    const text = `invalid repository name: repository name (${term}) should not have a scheme`;
    throw new EngineError('invalid', text);
  }
  const slash = term.indexOf('/');
  const host = slash === -1 ? '' : term.slice(0, slash);
  if (!/[.:]/.test(host) && host !== 'localhost') return await searchHub(dependencies, request);
  const words = term.slice(slash + 1);
  return await searchOne(dependencies, endpointsOf(host, dependencies)[0] as Endpoint, { ...request, term: words });
}

async function searchHub(dependencies: SearchDependencies, request: SearchRequest): Promise<readonly SearchResult[]> {
  const hub: Endpoint = { base: HUB_SEARCH, insecure: false, mirror: false };
  const words = request.term.startsWith(OFFICIAL) ? request.term.slice(OFFICIAL.length) : request.term;
  try {
    return await firstSearch(dependencies, hub, { ...request, term: words });
  } catch (error) {
    const mirrors = endpointsOf('docker.io', dependencies).filter(({ mirror }) => mirror);
    if (request.signal.aborted || mirrors.length === 0) throw toDocker(error);
    const anonymous = { ...request, credentials: {}, term: words };
    const found = await Promise.allSettled(mirrors.map((mirror) => catalogue(dependencies, mirror, anonymous)));
    const lists = found.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    if (lists.length === 0) throw toDocker(error);
    return [...new Map(lists.flat().map((one) => [one.name, one])).values()].slice(0, request.limit);
  }
}

async function searchOne(
  dependencies: SearchDependencies,
  endpoint: Endpoint,
  request: SearchRequest,
): Promise<readonly SearchResult[]> {
  const { plainBase } = endpoint;
  try {
    return await eitherSearch(dependencies, endpoint, request);
  } catch (error) {
    const isConnection = error instanceof EngineError && error.code === 'unavailable';
    if (plainBase === undefined || !isConnection || request.signal.aborted) throw toDocker(error);
    return await eitherSearch(dependencies, { ...endpoint, base: plainBase }, request).catch((again: unknown) => {
      throw toDocker(again);
    });
  }
}

async function eitherSearch(
  dependencies: SearchDependencies,
  endpoint: Endpoint,
  request: SearchRequest,
): Promise<readonly SearchResult[]> {
  try {
    return await firstSearch(dependencies, endpoint, request);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'not-found') throw error;
    return await catalogue(dependencies, endpoint, request);
  }
}

/** A registry that cannot be asked is the engine's failure, not the client's, as in dockerd. */
function toDocker(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code === 'cancelled') return error;
  return new EngineError('internal', error.message, { cause: error });
}

async function firstSearch(
  { transport }: SearchDependencies,
  endpoint: Endpoint,
  request: SearchRequest,
): Promise<SearchResult[]> {
  const url = new URL(`${endpoint.base}/v1/search`);
  url.searchParams.set('q', request.term);
  url.searchParams.set('n', String(request.limit));
  const response = await authorized(transport, endpoint, { url, scope: '' }, request);
  const value = await json(response);
  if (response.statusCode !== 200) throw unexpected(response.statusCode);
  const results = (value as { results?: unknown }).results;
  return (Array.isArray(results) ? results : []).flatMap((one: unknown) => resultOf(one));
}

function unexpected(status = 0): EngineError {
  return new EngineError(status === 404 ? 'not-found' : 'internal', `Unexpected status code ${status}`);
}

function resultOf(value: unknown): SearchResult[] {
  const { name, description, star_count, is_official } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string') return [];
  const stars = typeof star_count === 'number' ? star_count : 0;
  const text = typeof description === 'string' ? description : '';
  // Docker Hub has automated builds no more; Docker says false for all.
  return [{ name, description: text, star_count: stars, is_official: is_official === true, is_automated: false }];
}

async function catalogue(
  { transport }: SearchDependencies,
  endpoint: Endpoint,
  request: SearchRequest,
): Promise<SearchResult[]> {
  const found: SearchResult[] = [];
  const wanted = request.term.toLowerCase();
  let url = new URL(`${endpoint.base}/v2/_catalog?n=1000`);
  for (let page = 0; page < CATALOGUE_PAGES && found.length < request.limit; page++) {
    const response = await authorized(transport, endpoint, { url, scope: 'registry:catalog:*' }, request);
    const value = await json(response);
    if (response.statusCode !== 200) throw unexpected(response.statusCode);
    const { repositories } = value as { repositories?: unknown };
    for (const name of Array.isArray(repositories) ? repositories : []) {
      if (typeof name !== 'string' || !name.includes(wanted)) continue;
      const official = endpoint.mirror && name.startsWith(OFFICIAL);
      const short = official ? name.slice(OFFICIAL.length) : name;
      found.push({ name: short, description: '', star_count: 0, is_official: official, is_automated: false });
    }
    const next = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers['link']?.toString() ?? '')?.[1];
    if (next === undefined) break;
    url = new URL(next, endpoint.base);
  }
  return found.slice(0, request.limit);
}

async function authorized(
  transport: Transport,
  { base, insecure }: Endpoint,
  { url, scope }: { readonly url: URL; readonly scope: string },
  { credentials, signal }: SearchRequest,
): Promise<IncomingMessage> {
  const authorizer = createAuthorizer({ transport, credentials, insecure });
  const send = (): Promise<IncomingMessage> => {
    const header = url.origin === new URL(base).origin ? authorizer.header(scope) : undefined;
    const headers = header === undefined ? {} : { Authorization: header };
    return transport.send({ method: 'GET', url, headers, insecure, signal });
  };
  const first = await send();
  const challenge = first.headers['www-authenticate'];
  if (first.statusCode !== 401 || challenge === undefined) return first;
  first.resume();
  const challenged = { header: challenge, sent: undefined, asked: requestName('GET', url) };
  return (await authorizer.answer(challenged, scope, signal)) ? await send() : first;
}

/** {} when a failure is no JSON: its status tells. Throws EngineError when a success is none. */
async function json(response: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse((await readBody(response)).toString()) ?? {};
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (response.statusCode !== 200) return {};
    const text = 'error decoding registry search results: the registry did not answer in JSON';
    throw new EngineError('internal', text, { cause: error });
  }
}
