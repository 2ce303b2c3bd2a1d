/** `npm run bench -- build`: builds, as a person at the command line waits for them. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dockerCli } from '../../../tools/setup/docker-cli.ts';
import { findProgram } from '../../../tools/setup/run-program.ts';
import type { EnginePeer } from '../peers/engine-peer.ts';
import { settle } from '../settle.ts';
import { type BenchCase, type BenchSuite, type Contender, type Measurement, timed } from '../suite.ts';
import { answeringServer } from './answering-server.ts';
import { BENCH_BASE, type BenchContexts, writeBenchContexts } from './build-contexts.ts';
import { seedBase } from './seed-base.ts';

interface Builder extends Contender {
  readonly version: string;
  readonly contexts: BenchContexts;
  /** Builds the folder. Throws with what was said when that fails. */
  build(folder: string, fresh: boolean): Promise<void>;
  /** The same command, where it can be told from what builds. */
  alone?(folder: string): Promise<void>;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`${program} ${args.join(' ')}: exit ${code}\n${said.slice(-2000)}`));
    });
  });
}

const cold =
  (pick: (contexts: BenchContexts) => string) =>
  async ({ build, contexts }: Builder): Promise<Measurement> => ({
    async run() {
      await settle();
      return timed(() => build(pick(contexts), true));
    },
    [Symbol.asyncDispose]: async () => {},
  });

const cached =
  (pick: (contexts: BenchContexts) => string, before: (contexts: BenchContexts) => void = () => {}) =>
  async ({ build, contexts }: Builder): Promise<Measurement> => {
    await build(pick(contexts), false);
    return {
      async run() {
        before(contexts);
        await settle();
        return timed(() => build(pick(contexts), false));
      },
      [Symbol.asyncDispose]: async () => {},
    };
  };

const CASES: readonly BenchCase<Builder>[] = [
  {
    name: '12 instructions, cold',
    unit: 'ms',
    rounds: 5,
    target: { ratio: 0.5, best: true },
    open: cold(({ twelve }) => twelve),
  },
  {
    name: '12 instructions, cached',
    unit: 'ms',
    rounds: 7,
    target: { ratio: 0.3, best: true },
    open: cached(({ twelve }) => twelve),
  },
  {
    name: 'the command alone, answered at once',
    unit: 'ms',
    rounds: 7,
    async open({ alone, contexts }) {
      if (alone === undefined) throw new Error('a part of the builder');
      return { run: () => timed(() => alone(contexts.twelve)), [Symbol.asyncDispose]: async () => {} };
    },
  },
  { name: 'four stages of two seconds each', unit: 'ms', rounds: 3, open: cold(({ parallel }) => parallel) },
  {
    name: '20,000 files, 200 MB, cold',
    unit: 'ms',
    rounds: 3,
    target: { ratio: 0.8, best: true },
    open: cold(({ large }) => large),
  },
  {
    name: '20,000 files, cached',
    unit: 'ms',
    rounds: 3,
    target: { ratio: 0.8, best: true },
    open: cached(({ large }) => large),
  },
  {
    name: '20,000 files, one changed',
    unit: 'ms',
    rounds: 3,
    target: { ratio: 0.8, best: true },
    open: cached(
      ({ large }) => large,
      (contexts) => contexts.change(),
    ),
  },
];

interface CommandLine {
  readonly name: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

function engineBuilder(
  peer: Pick<EnginePeer, 'socket' | 'version'>,
  { name, program, env }: CommandLine,
  contexts: BenchContexts,
): Builder {
  const environment = { ...env, DOCKER_HOST: `unix://${peer.socket}` };
  return {
    name,
    version: peer.version,
    contexts,
    build: async (folder, fresh) => {
      await run(program, ['build', '-q', '-t', 'bench-build', ...(fresh ? ['--no-cache'] : []), folder], environment);
    },
  };
}

async function buildahBuilder(
  directory: string,
  archive: string,
  contexts: BenchContexts,
): Promise<Builder | undefined> {
  const program = findProgram('buildah');
  if (program === undefined) {
    console.error('bench: without buildah: not installed');
    return undefined;
  }
  const where = ['--root', path.join(directory, 'buildah'), '--runroot', path.join(directory, 'buildah-run')];
  const base = [...where, '--storage-driver', 'overlay'];
  const env = { DOCKER_CONFIG: undefined }; // it wants a config.json there
  await run(program, [...base, 'pull', '-q', `docker-archive:${archive}`], env);
  return {
    name: 'buildah',
    version: (await run(program, ['--version'])).trim(),
    contexts,
    build: async (folder, fresh) => {
      const how = ['build', '-q', '--layers', '--network', 'host', '--jobs', '4', '--pull=never', '-t', 'bench-build'];
      await run(program, [...base, ...how, ...(fresh ? ['--no-cache'] : []), folder], env);
    },
  };
}

export const buildSuite: BenchSuite<Builder> = {
  name: 'build',
  title: 'Builds',
  about:
    'From the start of the command line to its end: docker build with the classic protocol for Slipway and for the classic ' +
    'builder of dockerd, docker build with buildx for Slipway and for BuildKit, buildah build with layers. Cold is --no-cache; file systems are ' +
    'synced before each round, for five seconds at most. "The command alone" is docker build against a server that builds nothing: with no builder does it take less.',
  cases: CASES,
  async open(world) {
    const directory = await mkdtemp(path.join(tmpdir(), 'slipway-bench-build-'));
    await using kept = new AsyncDisposableStack();
    kept.defer(() => rm(directory, { recursive: true, force: true }));
    const contexts = writeBenchContexts(directory);
    const [slipway, dockerd] = [await world.slipway(), await world.dockerd()];
    await seedBase(slipway, dockerd);
    const archive = path.join(directory, 'base.tar');
    await pipeline(await slipway.api.open('GET', `/images/${BENCH_BASE}/get`), createWriteStream(archive));
    // One client for both engines: what a newer one does before it calls is no part of the difference.
    const docker = process.env['DOCKER'] ?? (await dockerCli()) ?? 'docker';
    const buildx = 'slipway, buildx';
    const classic = { DOCKER_BUILDKIT: '0' };
    const buildkit = { DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
    const { socket } = kept.use(await answeringServer(directory));
    const command = engineBuilder({ socket, version: '' }, { name: '', program: docker, env: classic }, contexts);
    const alone = (folder: string): Promise<void> => command.build(folder, false);
    const contenders: Builder[] = [
      { ...engineBuilder(slipway, { name: 'slipway', program: docker, env: classic }, contexts), alone },
    ];
    if (dockerd !== undefined) {
      contenders.push(
        { ...engineBuilder(slipway, { name: buildx, program: docker, env: buildkit }, contexts), own: true },
        { ...engineBuilder(dockerd, { name: 'BuildKit', program: docker, env: buildkit }, contexts), usedLike: buildx },
        { ...engineBuilder(dockerd, { name: 'classic builder', program: docker, env: classic }, contexts), alone },
      );
    }
    const buildah = await buildahBuilder(directory, archive, contexts);
    if (buildah !== undefined) contenders.push(buildah);
    const held = kept.move();
    return {
      contenders,
      versions: [...new Set(contenders.map(({ version }) => version))],
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  },
};
