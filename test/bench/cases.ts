/** What `npm run bench -- engine` measures, over the API; each case cleans up what it made. */
import type { BenchApi } from './api.ts';

export const BENCH_IMAGE = 'busybox:latest';

export interface BenchCase {
  readonly name: string;
  /** Wanted median ratio to dockerd. */
  readonly target: number;
  readonly rounds: number;
  /** Milliseconds of the part that counts. */
  run(api: BenchApi): Promise<number>;
}

interface Created {
  readonly Id: string;
}

async function create(api: BenchApi, command: readonly string[], hostConfig: object = {}): Promise<string> {
  const body = { Image: BENCH_IMAGE, Cmd: command, HostConfig: hostConfig };
  return (await api.call<Created>('POST', '/containers/create', body)).Id;
}

const remove = (api: BenchApi, id: string): Promise<unknown> => api.call('DELETE', `/containers/${id}?force=1&v=1`);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function runToEnd(api: BenchApi, hostConfig: object): Promise<void> {
  const id = await create(api, ['true'], hostConfig);
  const waited = api.call('POST', `/containers/${id}/wait?condition=next-exit`);
  await api.call('POST', `/containers/${id}/start`);
  await waited;
  await remove(api, id);
}

async function withSleeper<T>(api: BenchApi, work: (id: string) => Promise<T>): Promise<T> {
  const id = await create(api, ['sleep', '1000'], { NetworkMode: 'none', Init: false });
  await api.call('POST', `/containers/${id}/start`);
  try {
    return await work(id);
  } finally {
    await remove(api, id);
  }
}

async function createAndStart(api: BenchApi): Promise<number> {
  let id = '';
  const taken = await timed(async () => {
    id = await create(api, ['sleep', '1000']);
    await api.call('POST', `/containers/${id}/start`);
  });
  await remove(api, id);
  return taken;
}

async function execOnce(api: BenchApi, id: string): Promise<void> {
  const body = { Cmd: ['true'], AttachStdout: true };
  const exec = await api.call<Created>('POST', `/containers/${id}/exec`, body);
  const output = await api.open('POST', `/exec/${exec.Id}/start`, { Detach: false });
  for await (const _ of output);
}

async function readLogs(api: BenchApi): Promise<number> {
  const id = await create(
    api,
    ['sh', '-c', 'yes 0123456789012345678901234567890123456789012345678 | head -n 1000000'],
    {
      NetworkMode: 'none',
    },
  );
  const waited = api.call('POST', `/containers/${id}/wait?condition=next-exit`);
  await api.call('POST', `/containers/${id}/start`);
  await waited;
  const taken = await timed(async () => {
    let bytes = 0;
    for await (const chunk of await api.open('GET', `/containers/${id}/logs?stdout=1`))
      bytes += (chunk as Buffer).length;
    if (bytes < 50_000_000) throw new Error(`${api.name} gave ${bytes} bytes of a 50 MB log`);
  });
  await remove(api, id);
  return taken;
}

const inParallel = (count: number) => (api: BenchApi) =>
  timed(() => Promise.all(Array.from({ length: count }, () => runToEnd(api, {}))));

export const ENGINE_CASES: readonly BenchCase[] = [
  { name: 'run and remove, bridge network', target: 0.3, rounds: 10, run: (api) => timed(() => runToEnd(api, {})) },
  {
    name: 'run and remove, no network',
    target: 0.4,
    rounds: 10,
    run: (api) => timed(() => runToEnd(api, { NetworkMode: 'none' })),
  },
  { name: 'create and start', target: 0.4, rounds: 10, run: createAndStart },
  {
    name: 'exec true',
    target: 0.5,
    rounds: 10,
    run: (api) => withSleeper(api, (id) => timed(() => execOnce(api, id))),
  },
  {
    name: 'stop (SIGTERM handled)',
    target: 0.5,
    rounds: 5,
    async run(api) {
      const id = await create(api, ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.02; done']);
      await api.call('POST', `/containers/${id}/start`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const taken = await timed(() => api.call('POST', `/containers/${id}/stop`));
      await remove(api, id);
      return taken;
    },
  },
  { name: '20 at once, run and remove', target: 0.35, rounds: 3, run: inParallel(20) },
  { name: 'read 50 MB of logs', target: 0.5, rounds: 3, run: readLogs },
];
