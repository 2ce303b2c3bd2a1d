/** `npm run bench -- engine`: what the engines take for containers' everyday verbs, over the API. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BENCH_IMAGE,
  create,
  exec,
  remove,
  runToEnd,
  shareImage,
  sleepers,
  start,
  startAndWait,
} from '../containers.ts';
import { proportionalMemory, residentMemory } from '../memory.ts';
import type { EnginePeer } from '../peers/engine-peer.ts';
import { runtimeExec } from '../runtime-exec.ts';
import { type BenchCase, type BenchSuite, each, timed } from '../suite.ts';

const NO_NETWORK = { NetworkMode: 'none' };
const LIST_SIZE = 500;
const MEMORY_CONTAINERS = 20;
/** After which an engine that is not asked for anything rests. */
const REST_MS = 3000;

interface Engine extends EnginePeer {
  /** Megabytes of all its processes before it has been asked for anything. */
  readonly atStart: number;
}

type EngineCase = BenchCase<Engine>;

const inParallel = (count: number): EngineCase['open'] =>
  each(({ api }) => timed(() => Promise.all(Array.from({ length: count }, () => runToEnd(api, {})))));

async function createAndStart({ api }: EnginePeer): Promise<number> {
  let id = '';
  const taken = await timed(async () => {
    id = await create(api, ['sleep', '1000']);
    await start(api, id);
  });
  await remove(api, id);
  return taken;
}

async function stop({ api }: EnginePeer): Promise<number> {
  const id = await create(api, ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.02; done'], NO_NETWORK);
  await start(api, id);
  await sleep(200);
  const taken = await timed(() => api.call('POST', `/containers/${id}/stop`));
  await remove(api, id);
  return taken;
}

const LOG_LINE = '0123456789012345678901234567890123456789012345678';
const LOG_BYTES = 50_000_000;

const readLogs: EngineCase['open'] = async ({ api, name }) => {
  const write = `yes ${LOG_LINE} | head -n ${LOG_BYTES / (LOG_LINE.length + 1)}`;
  const id = await create(api, ['sh', '-c', write], NO_NETWORK);
  await startAndWait(api, id);
  return {
    run: () =>
      timed(async () => {
        let bytes = 0;
        for await (const chunk of await api.open('GET', `/containers/${id}/logs?stdout=1`))
          bytes += (chunk as Buffer).length;
        if (bytes < LOG_BYTES) throw new Error(`${name} gave ${bytes} bytes of a log of ${LOG_BYTES}`);
      }),
    [Symbol.asyncDispose]: async () => void (await remove(api, id)),
  };
};

const listMany: EngineCase['open'] = async ({ api }) => {
  const ids: string[] = [];
  for (let i = 0; i < LIST_SIZE; i++) ids.push(await create(api, ['true']));
  return {
    run: () =>
      timed(async () => {
        const listed = await api.call<{ Id: string }[]>('GET', '/containers/json?all=1');
        if (listed.length < LIST_SIZE) throw new Error(`only ${listed.length} containers in the list`);
      }),
    async [Symbol.asyncDispose]() {
      for (const id of ids) await remove(api, id);
    },
  };
};

const execTrue: EngineCase['open'] = async ({ api }) => {
  const held = await sleepers(api, 1);
  const [id = ''] = held.ids;
  return { run: () => timed(() => exec(api, id, ['true'])), [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
};

/** After a pause in which garbage is collected and pools are filled. */
async function settledMemory(engine: EnginePeer, of: (engine: EnginePeer) => number): Promise<number> {
  await sleep(REST_MS);
  return of(engine);
}

const memoryPerContainer: EngineCase['open'] = each(async (engine) => {
  const before = await settledMemory(engine, proportionalMemory);
  await using _held = await sleepers(engine.api, MEMORY_CONTAINERS);
  return ((await settledMemory(engine, proportionalMemory)) - before) / MEMORY_CONTAINERS;
});

const killed: EngineCase['open'] = async (engine) => {
  const held = await sleepers(engine.api, MEMORY_CONTAINERS);
  return {
    async run() {
      const taken = await timed(() => engine.crash());
      const running = await engine.api.call<object[]>('GET', '/containers/json');
      if (running.length < MEMORY_CONTAINERS) throw new Error(`${engine.name} lost containers as it was killed`);
      return taken;
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
};

const CASES: readonly EngineCase[] = [
  {
    name: 'engine at rest, just started, all its processes',
    unit: 'MB',
    rounds: 1,
    warmUp: false,
    target: { ratio: 0.7, value: 90 },
    open: each(async ({ atStart }) => atStart),
  },
  {
    name: 'run and remove, bridge network',
    unit: 'ms',
    rounds: 15,
    target: { ratio: 0.3 },
    open: each(({ api }) => timed(() => runToEnd(api, {}))),
  },
  {
    name: 'run and remove, no network',
    unit: 'ms',
    rounds: 15,
    target: { ratio: 0.3 },
    open: each(({ api }) => timed(() => runToEnd(api, NO_NETWORK))),
  },
  { name: 'create and start', unit: 'ms', rounds: 15, target: { value: 70 }, open: each(createAndStart) },
  { name: 'exec `true`', unit: 'ms', rounds: 20, target: { ratio: 0.5, value: 30 }, open: execTrue },
  { name: 'conmon, `runc exec` and three empty requests', unit: 'ms', rounds: 20, open: runtimeExec },
  { name: 'stop (SIGTERM handled)', unit: 'ms', rounds: 7, open: each(stop) },
  { name: '20 at once, run and remove', unit: 'ms', rounds: 5, target: { ratio: 0.35 }, open: inParallel(20) },
  { name: '100 at once, run and remove', unit: 'ms', rounds: 1, warmUp: false, open: inParallel(100) },
  { name: 'read 50 MB of logs', unit: 'ms', rounds: 5, target: { ratio: 0.5 }, open: readLogs },
  { name: 'list 500 containers', unit: 'ms', rounds: 11, target: { value: 10 }, open: listMany },
  {
    name: 'memory per running container',
    unit: 'MB',
    rounds: 1,
    warmUp: false,
    target: { ratio: 0.25, value: 3 },
    open: memoryPerContainer,
  },
  {
    name: 'killed (SIGKILL) until it answers again, 20 containers running',
    unit: 'ms',
    rounds: 3,
    open: killed,
  },
  {
    name: 'engine at rest after all of this, all its processes',
    unit: 'MB',
    rounds: 1,
    warmUp: false,
    target: { ratio: 0.7 },
    open: each((engine) => settledMemory(engine, residentMemory)),
  },
];

export const engineSuite: BenchSuite<Engine> = {
  name: 'engine',
  title: 'The engine',
  about: `All calls go over the Docker Engine API of each engine, on one kept connection, with a busybox image. "Run and remove" is
create, start, wait and remove of \`true\`; memory at rest is what \`ps\` shows (RSS) of the engine with all its processes,
memory per container what each of ${MEMORY_CONTAINERS} running ones adds to it (PSS; the container's own processes do not count).
"conmon, \`runc exec\` and three empty requests" is what no engine on conmon and runc can take less than for an exec: both were started
in advance, in a container of the engine, and wait for the process; the requests are for /_ping.`,
  cases: CASES,
  async open(world) {
    const engines = await world.engines();
    await sleep(REST_MS);
    const contenders = engines.map((engine) => ({ ...engine, atStart: residentMemory(engine) }));
    await shareImage(engines, BENCH_IMAGE);
    return {
      contenders,
      versions: contenders.map(({ version }) => version),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
