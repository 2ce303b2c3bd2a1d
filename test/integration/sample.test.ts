/** The sample workspace with the stock docker command line, as its README says. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../tools/world/registry.ts';
import { buildAll } from '../../tools/build.ts';
import { runProgram } from '../../tools/setup/run-program.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine } from '../support/engine.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../sample');
const skip = process.getuid?.() !== 0 && 'needs root';

async function askUntilItAnswers(url: string, init?: RequestInit): Promise<Response> {
  for (const deadline = Date.now() + 10_000; ; await sleep(50)) {
    const answer = await fetch(url, init).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error)) return answer;
    if (Date.now() > deadline) throw answer;
  }
}

test('the sample has no problems, whatever rules there are', async () => {
  await buildAll();
  const files = ['Dockerfile', 'compose.yaml'].map((name) => path.join(SAMPLE, name));
  const problems = await runProgram(process.execPath, [path.join(SAMPLE, '../dist/slipway'), 'lint', ...files]);
  assert.equal(problems, '0 errors, 0 warnings in 2 files\n');
});

test('the sample is built, tested in a container, runs, answers and stops at once', { skip }, async () => {
  await using engine = await startTestEngine();
  await docker(engine, 'build', '--tag', 'sample', SAMPLE);
  const tested = await docker(engine, 'build', '--target', 'test', SAMPLE);
  assert.match(tested.stdout, /# pass 3/);
  const port = await freePort();
  await docker(engine, 'run', '--detach', '--publish', `${port}:3000`, '--name', 'api', 'sample');
  const url = `http://127.0.0.1:${port}`;
  const greeting = await askUntilItAnswers(`${url}/greeting?name=Ada`);
  assert.deepEqual(await greeting.json(), { message: 'Hello, Ada!' });
  const note = await askUntilItAnswers(`${url}/notes`, { method: 'POST', body: 'buy milk' });
  assert.equal(note.status, 201);
  const who = await docker(engine, 'exec', 'api', 'id', '--user', '--name');
  assert.equal(who.stdout, 'node\n');
  const started = Date.now();
  await docker(engine, 'stop', 'api');
  assert.ok(Date.now() - started < 5000, 'SIGTERM reaches the app');
  const inspected = await docker(engine, 'inspect', '--format', '{{.State.ExitCode}}', 'api');
  assert.equal(inspected.stdout, '0\n');
});
