/**
 * `npm run bench -- engine [--against NAME=SOCKET]… [--only TEXT]`: Slipway and its peers in turn, in one run, on this
 * machine; medians and ratios. A peer is any engine that answers on a Unix socket.
 */
import { parseArgs } from 'node:util';
import { setUpForTests } from '../../tools/setup.ts';
import { progressOn } from '../../tools/setup/progress.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine } from '../support/engine.ts';
import { type BenchApi, benchApi } from './api.ts';
import { BENCH_IMAGE, type BenchCase, ENGINE_CASES } from './cases.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { against: { type: 'string', multiple: true, default: [] }, only: { type: 'string' } },
});

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The image goes from Slipway to the peers, so that all run the same one. */
async function seed(from: BenchApi, peers: readonly BenchApi[]): Promise<void> {
  for (const peer of peers) {
    const tar = await from.open('GET', `/images/${BENCH_IMAGE}/get`);
    for await (const _ of await peer.open('POST', '/images/load', tar));
  }
}

async function measure(bench: BenchCase, apis: readonly BenchApi[]): Promise<readonly number[]> {
  const times = apis.map((): number[] => []);
  for (let round = -1; round < bench.rounds; round++) {
    for (const [i, api] of apis.entries()) {
      const taken = await bench.run(api);
      if (round >= 0) times[i]?.push(taken); // the first round warms up
    }
  }
  return times.map(median);
}

function row(name: string, medians: readonly number[], target: number): string {
  const [ours = 0, ...others] = medians;
  const cells = others.map((other) => `${other.toFixed(0)} ms | ${(ours / other).toFixed(2)}`);
  return `| ${[name, `${ours.toFixed(0)} ms`, ...cells, `<= ${target}`].join(' | ')} |`;
}

if (positionals[0] !== 'engine') {
  console.error('usage: npm run bench -- engine [--against NAME=SOCKET]… [--only TEXT]');
  process.exit(2);
}
await setUpForTests(progressOn());
await using engine = await startTestEngine();
await docker(engine, 'pull', BENCH_IMAGE);
const ours = benchApi('slipway', engine.socket);
const peers = values.against.map((text) => {
  const [name = '', socket = ''] = text.split('=');
  return benchApi(name, socket.replace(/^unix:\/\//, ''));
});
await seed(ours, peers);
console.log(`| | slipway | ${peers.map((peer) => `${peer.name} | ratio`).join(' | ')} | target |`);
console.log(`|---|${'---|'.repeat(2 + 2 * peers.length)}`);
for (const bench of ENGINE_CASES.filter((one) => one.name.includes(values.only ?? ''))) {
  console.log(row(bench.name, await measure(bench, [ours, ...peers]), bench.target));
}
