/** Verbs over the Engine API that suites are made of. */
import { buffer } from 'node:stream/consumers';
import type { BenchApi } from './api.ts';
import type { EnginePeer } from './peers/engine-peer.ts';

export const BENCH_IMAGE = 'busybox:latest';

interface Created {
  readonly Id: string;
}

export async function create(api: BenchApi, command: readonly string[], hostConfig: object = {}): Promise<string> {
  const body = { Image: BENCH_IMAGE, Cmd: command, HostConfig: hostConfig };
  return (await api.call<Created>('POST', '/containers/create', body)).Id;
}

export const start = (api: BenchApi, id: string): Promise<unknown> => api.call('POST', `/containers/${id}/start`);

export const remove = (api: BenchApi, id: string): Promise<unknown> =>
  api.call('DELETE', `/containers/${id}?force=1&v=1`);

/** Create, start, wait and remove of `true`. */
export async function runToEnd(api: BenchApi, hostConfig: object): Promise<void> {
  const id = await create(api, ['true'], hostConfig);
  try {
    await startAndWait(api, id);
  } finally {
    await remove(api, id);
  }
}

/** Throws when the container's exit code is not 0. */
export async function startAndWait(api: BenchApi, id: string): Promise<void> {
  await start(api, id);
  // Not for the next exit: a request that comes after it would wait for ever.
  const { StatusCode } = await api.call<{ StatusCode: number }>('POST', `/containers/${id}/wait`);
  if (StatusCode !== 0) throw new Error(`${api.name}: the container ended with ${StatusCode}`);
}

/** Attached, to its end; throws when it does not end with 0. */
export async function exec(api: BenchApi, id: string, command: readonly string[]): Promise<void> {
  const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const made = await api.call<Created>('POST', `/containers/${id}/exec`, body);
  const output = await buffer(await api.open('POST', `/exec/${made.Id}/start`, { Detach: false }));
  const { ExitCode } = await api.call<{ ExitCode: number }>('GET', `/exec/${made.Id}/json`);
  if (ExitCode !== 0) throw new Error(`${api.name}: exec ended with ${ExitCode}: ${output.toString()}`);
}

interface Sleepers extends AsyncDisposable {
  readonly ids: readonly string[];
}

/** Running containers without a network. */
export async function sleepers(api: BenchApi, count: number): Promise<Sleepers> {
  const ids: string[] = [];
  const dispose = async (): Promise<void> => {
    for (const id of ids) await remove(api, id);
  };
  try {
    for (let i = 0; i < count; i++) {
      const id = await create(api, ['sleep', '10000'], { NetworkMode: 'none' });
      ids.push(id);
      await start(api, id);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ids, [Symbol.asyncDispose]: dispose };
}

/** Pulls the image into the first engine, and copies it to the others, so that all have the same one. */
export async function shareImage([first, ...others]: readonly EnginePeer[], image: string): Promise<void> {
  if (first === undefined) return;
  await buffer(await first.api.open('POST', `/images/create?fromImage=${encodeURIComponent(image)}`));
  for (const { api } of others) {
    const tar = await first.api.open('GET', `/images/${image}/get`);
    await buffer(await api.open('POST', '/images/load', tar));
  }
}
