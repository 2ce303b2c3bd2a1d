/** `npm run bench -- pull`: images in and out, from a registry on this machine and as archives. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Registry, startRegistry } from '../../../tools/world/registry.ts';
import type { EnginePeer } from '../peers/engine-peer.ts';
import { settle } from '../settle.ts';
import { BENCH_REGISTRY_PORT, BENCH_REPOSITORY, pushBenchImage } from '../pull-image.ts';
import { type BenchCase, type BenchSuite, type Measurement, timed } from '../suite.ts';

const IMAGE = `127.0.0.1:${BENCH_REGISTRY_PORT}/${BENCH_REPOSITORY}`;
const ROUNDS = 3;

interface Contender extends EnginePeer {
  /** A docker archive of the image. */
  readonly archive: string;
}

async function isHere({ api }: EnginePeer): Promise<boolean> {
  return await api.call('GET', `/images/${IMAGE}:1/json`).then(
    () => true,
    () => false,
  );
}

async function drop(peer: EnginePeer): Promise<void> {
  if (await isHere(peer)) await peer.api.call('DELETE', `/images/${IMAGE}:1?force=1`);
}

async function pull({ api, name }: EnginePeer): Promise<void> {
  let last = '';
  const answer = await api.open('POST', `/images/create?fromImage=${encodeURIComponent(IMAGE)}&tag=1`);
  for await (const chunk of answer) last = String(chunk);
  if (last.includes('"error"')) throw new Error(`${name}: ${last}`);
}

async function load({ api, name, archive }: Contender): Promise<void> {
  let said = '';
  for await (const chunk of await api.open('POST', '/images/load?quiet=1', createReadStream(archive))) said += chunk;
  if (!said.includes('Loaded image')) throw new Error(`${name}: ${said}`);
}

/** Each round starts without the image, and must end with it. */
const arriving =
  (arrive: (contender: Contender) => Promise<void>) =>
  async (contender: Contender): Promise<Measurement> => ({
    async run() {
      await drop(contender);
      await settle();
      const taken = await timed(() => arrive(contender));
      if (!(await isHere(contender))) throw new Error(`${contender.name} did not get the image`);
      return taken;
    },
    [Symbol.asyncDispose]: () => drop(contender),
  });

const BYTES = 500_000_000;

async function save(contender: Contender): Promise<Measurement> {
  await drop(contender);
  await pull(contender);
  return {
    async run() {
      await settle();
      let bytes = 0;
      const taken = await timed(async () => {
        for await (const chunk of await contender.api.open('GET', `/images/${IMAGE}:1/get`)) bytes += chunk.length;
      });
      if (bytes < BYTES) throw new Error(`${contender.name} gave ${bytes} bytes`);
      return taken;
    },
    [Symbol.asyncDispose]: () => drop(contender),
  };
}

const CASES: readonly BenchCase<Contender>[] = [
  {
    name: 'pull and unpack 10 layers, 500 MB',
    unit: 'ms',
    rounds: ROUNDS,
    target: { ratio: 0.6, best: true },
    open: arriving(pull),
  },
  { name: 'save the image', unit: 'ms', rounds: ROUNDS, open: save },
  { name: 'load the archive', unit: 'ms', rounds: ROUNDS, target: { ratio: 0.7, best: true }, open: arriving(load) },
];

/** One registry per network namespace, all with the same files. */
async function registries(peers: readonly EnginePeer[], storage: string): Promise<Registry[]> {
  const port = BENCH_REGISTRY_PORT;
  const started = [await startRegistry({ storage, port })];
  for (const { namespace } of peers) {
    if (namespace !== undefined) started.push(await startRegistry({ storage, port, namespace, readOnly: true }));
  }
  return started;
}

async function saveTo(file: string, { api }: EnginePeer): Promise<void> {
  await pipeline(await api.open('GET', `/images/${IMAGE}:1/get`), createWriteStream(file));
}

export const pullSuite: BenchSuite<Contender> = {
  name: 'pull',
  title: 'Images in and out',
  about:
    'An image of 10 layers with 16,000 files and 500 MB, a third of that compressed, from a registry on loopback, and as an ' +
    'archive. Everything over the API, from the request to the end of the answer; file systems are synced before each round, ' +
    'for five seconds at most.',
  cases: CASES,
  async open(world) {
    const peers = await world.engines();
    const directory = await mkdtemp(path.join(tmpdir(), 'slipway-bench-pull-'));
    await using kept = new AsyncDisposableStack();
    kept.defer(() => rm(directory, { recursive: true, force: true }));
    for (const registry of await registries(peers, path.join(directory, 'registry'))) kept.use(registry);
    await pushBenchImage(`http://127.0.0.1:${BENCH_REGISTRY_PORT}`);
    const archive = path.join(directory, 'archive.tar');
    const [first] = peers;
    if (first === undefined) throw new Error('no engine started');
    await pull(first);
    await saveTo(archive, first);
    const contenders = peers.map((peer) => ({ ...peer, archive, [Symbol.asyncDispose]: async () => {} }));
    const held = kept.move();
    return {
      contenders,
      versions: peers.map(({ version }) => version),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  },
};
