/**
 * `node test/conformance/build/main.ts [--record] [--again] [--messages] [--only TEXT] [--client docker|slipway|buildx]`: builds the cases with Slipway and, with
 * --record and REF (a socket of dockerd with BuildKit) and DOCKER set, with the reference; prints every difference.
 */
import { parseArgs } from 'node:util';
import { startTestEngine } from '../../support/engine.ts';
import { BASE, type BuildCase } from './build-case.ts';
import { type BuildingEngine, baseDiffIds, buildWith, fetchBytes } from './build-with.ts';
import { ALL_CASES } from './cases/all.ts';
import { differences } from './compare.ts';
import { openRecording } from './recording.ts';
import { slipwayBuilder } from './slipway-builder.ts';
import { callSocket } from '../../support/call-socket.ts';

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    client: { type: 'string', default: 'docker' },
    messages: { type: 'boolean', default: false },
  },
});
const cases = ALL_CASES.filter(({ name }) => new RegExp(values.only).test(name));
const names = new Set(ALL_CASES.map(({ name }) => name));
const clients = ['docker', 'slipway', 'buildx'] as const;
const client = clients.find((name) => name === values.client) ?? 'docker';
const recording = openRecording();
await using engine = await startTestEngine();
const ours = await slipwayBuilder(engine, client);

async function inParallel(count: number, work: (one: BuildCase) => Promise<void>): Promise<void> {
  const queue = [...cases];
  const next = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: count }, next));
}

if (values.record) {
  const socket = (process.env['REF'] ?? '').replace('unix://', '');
  await callSocket(socket, 'POST', '/images/load', await fetchBytes(engine.socket, `/images/${BASE}/get`));
  const env = {
    DOCKER_BUILDKIT: '1',
    DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? '',
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
  };
  const reference: BuildingEngine = {
    socket,
    program: process.env['DOCKER'] ?? '',
    env,
    baseDiffIds: await baseDiffIds(socket),
  };
  let done = 0;
  await inParallel(3, async (one) => {
    if (!values.again && recording.find(one) !== undefined) return;
    recording.put(one, await buildWith(reference, one));
    if (++done % 25 === 0) {
      recording.save(names);
      console.error(`recorded ${done}`);
    }
  });
  recording.save(names);
}
let same = 0;
await inParallel(2, async (one) => {
  const expected = recording.find(one);
  const differs = one.differs ?? (client === 'docker' ? one.differsByClient : undefined);
  if (expected === undefined || differs !== undefined) {
    console.log(`${one.name}: ${differs ?? 'not recorded'}`);
    return;
  }
  const actual = await buildWith(ours, one).catch((error: Error) => ({ failed: String(error) }));
  if (values.messages && 'failed' in expected && 'failed' in actual) {
    console.log(`${one.name}\n  reference: ${expected.failed}\n  slipway:   ${actual.failed}`);
  }
  const found = differences(expected, actual);
  if (found.length === 0) same++;
  else console.log(`${one.name}\n  ${found.join('\n  ')}`);
});
console.log(`${same} of ${cases.length} the same`);
