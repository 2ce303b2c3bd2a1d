/** `npm run bench -- build-api`: the engine's part of a build. The context is a tar that is ready; no command line is started. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type LeanClient, leanClient } from '../lean-client.ts';
import { settle } from '../settle.ts';
import { type BenchCase, type BenchSuite, type Contender, type Measurement, timed } from '../suite.ts';
import { type BenchContexts, writeBenchContexts } from './build-contexts.ts';
import { seedBase } from './seed-base.ts';

type Folder = 'twelve' | 'large';

interface Builder extends Contender {
  readonly client: LeanClient;
  readonly contexts: BenchContexts;
  /** The tar of the folder as it is now. */
  pack(folder: Folder): Promise<PackedContext>;
}

/** Of a context that is at most so large, the bytes are ready in memory. */
const SMALL = 1 << 20;

interface PackedContext {
  readonly length: number;
  readonly body: () => Buffer | Readable;
}

async function readyContext(tar: string): Promise<PackedContext> {
  const { size: length } = await stat(tar);
  if (length > SMALL) return { length, body: () => createReadStream(tar) };
  const bytes = await readFile(tar);
  return { length, body: () => bytes };
}

async function build({ client, name }: Builder, { length, body }: PackedContext, fresh: boolean): Promise<void> {
  const query = `t=bench-build&rm=1${fresh ? '&nocache=1' : ''}`;
  const said = await client.post(`/build?${query}`, body(), length);
  if (!said.includes('Successfully tagged')) throw new Error(`${name}: ${said.slice(-500)}`);
}

interface Round {
  readonly fresh?: boolean;
  readonly change?: boolean;
}

const building =
  (folder: Folder, { fresh = false, change = false }: Round = {}) =>
  async (builder: Builder): Promise<Measurement> => {
    let context = await builder.pack(folder);
    if (!fresh) await build(builder, context, false);
    return {
      async run() {
        if (change) builder.contexts.change();
        if (change) context = await builder.pack(folder);
        if (folder === 'large') await settle();
        return timed(() => build(builder, context, fresh));
      },
      [Symbol.asyncDispose]: async () => {},
    };
  };

const TARGETS = { cold: { ratio: 0.5 }, cached: { ratio: 0.3 }, large: { ratio: 0.8 } };

const CASES: readonly BenchCase<Builder>[] = [
  {
    name: '12 instructions, cold',
    unit: 'ms',
    rounds: 7,
    target: TARGETS.cold,
    open: building('twelve', { fresh: true }),
  },
  { name: '12 instructions, cached', unit: 'ms', rounds: 15, target: TARGETS.cached, open: building('twelve') },
  {
    name: '20,000 files, 200 MB, cold',
    unit: 'ms',
    rounds: 3,
    target: TARGETS.large,
    open: building('large', { fresh: true }),
  },
  { name: '20,000 files, cached', unit: 'ms', rounds: 3, target: TARGETS.large, open: building('large') },
  {
    name: '20,000 files, one changed',
    unit: 'ms',
    rounds: 3,
    target: TARGETS.large,
    open: building('large', { change: true }),
  },
];

export const buildApiSuite: BenchSuite<Builder> = {
  name: 'build-api',
  title: 'Builds over the API',
  about:
    'POST /build with a tar of the context that is ready, from the request to the end of the answer: the builds of the table above ' +
    "without a client's start, tar and work (the request is one write to a connection that is open), by Slipway and by dockerd's classic builder.",
  cases: CASES,
  async open(world) {
    const directory = await mkdtemp(path.join(tmpdir(), 'slipway-bench-build-'));
    await using kept = new AsyncDisposableStack();
    kept.defer(() => rm(directory, { recursive: true, force: true }));
    const contexts = writeBenchContexts(directory);
    const [slipway, dockerd] = [await world.slipway(), await world.dockerd()];
    await seedBase(slipway, dockerd);
    const peers = [slipway, dockerd].filter((peer) => peer !== undefined);
    const pack = async (name: string, folder: Folder): Promise<PackedContext> => {
      const file = path.join(directory, `${name}-${folder}.tar`);
      await promisify(execFile)('tar', ['--create', `--file=${file}`, `--directory=${contexts[folder]}`, '.']);
      return await readyContext(file);
    };
    const contenders = peers.map(({ name, socket }, i) => ({
      name,
      contexts,
      client: kept.use(leanClient(socket)),
      pack: (folder: Folder) => pack(String(i), folder),
    }));
    const held = kept.move();
    return {
      contenders,
      versions: peers.map(({ version }) => version),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  },
};
