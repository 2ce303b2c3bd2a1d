/** The host's copy of a local folder, by the calls under /slipway/v1/workspaces. */
import type { Readable } from 'node:stream';
import type {
  ForeignChange,
  Manifest,
  PushResult,
  VisibleResult,
  WorkspaceInfo,
} from '#model/slipway-api/workspaces.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { jsonLines } from '../hosts/json-lines.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

type Api = Pick<EngineConnection, 'call' | 'stream'>;
const at = (name: string): string => `/slipway/v1/workspaces/${encodeURIComponent(name)}`;

/** Makes it when it does not exist. */
export async function openCopy(api: Api, name: string, signal: AbortSignal): Promise<WorkspaceInfo> {
  return await api.call('PUT', at(name), { signal });
}

export async function removeCopy(api: Api, name: string): Promise<void> {
  await api.call('DELETE', at(name));
}

export async function copyManifest(
  api: Api,
  name: string,
  ignore: readonly string[],
  signal: AbortSignal,
): Promise<Manifest> {
  return await api.call('GET', `${at(name)}/manifest`, { query: { ignore }, signal });
}

export async function pushToCopy(
  api: Api,
  name: string,
  body: Readable,
  owner: Owner | undefined,
  signal: AbortSignal,
): Promise<PushResult> {
  const query = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  const headers = { 'content-type': 'application/x-tar' };
  return await api.call('PUT', `${at(name)}/files`, { query, body, headers, signal });
}

export async function giveCopyTo(api: Api, name: string, { uid, gid }: Owner, signal: AbortSignal): Promise<void> {
  await api.call('POST', `${at(name)}/owner`, { query: { uid, gid }, signal });
}

export async function readFromCopy(
  api: Api,
  name: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
  return await api.stream('GET', `${at(name)}/files`, { query: { path: paths }, signal });
}

/** Ends with an error when the connection is lost. */
export async function* copyChanges(
  api: Api,
  name: string,
  ignore: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ForeignChange> {
  const stream = await api.stream('GET', `${at(name)}/changes`, { query: { ignore }, signal });
  for await (const line of jsonLines<ForeignChange | { ready: true }>(stream)) if ('path' in line) yield line;
}

export async function awaitVisible(
  api: Api,
  container: string,
  wanted: { readonly path: string; readonly sha256: string; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<VisibleResult> {
  return await api.call('POST', `/slipway/v1/containers/${container}/visible`, { body: wanted, signal });
}
