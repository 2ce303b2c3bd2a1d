/**
 * `node test/conformance/build/fuzz.ts SEED COUNT`: builds generated Dockerfiles with Slipway and with the reference (REF, a
 * socket of dockerd with BuildKit, and DOCKER), and prints every difference with its Dockerfile.
 */
import { startTestEngine } from '../../support/engine.ts';
import { callSocket } from '../../support/call-socket.ts';
import { BASE } from './build-case.ts';
import { baseDiffIds, type BuildingEngine, buildWith, fetchBytes } from './build-with.ts';
import { generatedCases } from './cases/generated.ts';
import { differences } from './compare.ts';
import { slipwayBuilder } from './slipway-builder.ts';

const [seed = '1', count = '50'] = process.argv.slice(2);
await using engine = await startTestEngine();
const ours = await slipwayBuilder(engine, 'slipway');
const socket = (process.env['REF'] ?? '').replace('unix://', '');
await callSocket(socket, 'POST', '/images/load', await fetchBytes(engine.socket, `/images/${BASE}/get`));
const env = {
  DOCKER_BUILDKIT: '1',
  DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? '',
  BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
};
const program = process.env['DOCKER'] ?? '';
const reference: BuildingEngine = { socket, program, env, baseDiffIds: await baseDiffIds(socket) };
const cases = generatedCases(Number(seed), Number(count));
let same = 0;
let failed = 0;
for (const one of cases) {
  const [expected, actual] = await Promise.all([buildWith(reference, one), buildWith(ours, one)]);
  if ('failed' in expected) failed++;
  const found = differences(expected, actual);
  if (found.length === 0) same++;
  else console.log(`${one.name}\n${one.dockerfile.replaceAll(/^/gm, '    ')}\n  ${found.join('\n  ')}`);
}
console.log(`${same} of ${cases.length} the same; ${failed} of them fail`);
