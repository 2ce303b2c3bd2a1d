/**
 * The whole high-level interface of docker-py (Debian's python3-docker), compared with what came of it with dockerd 28.5:
 * fixtures/docker-py.json, which `RECORD=1` with REFERENCE_SOCKET and REFERENCE_IMAGE writes anew.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { IMAGE, pullImage } from '../support/containers.ts';
import { startTestEngine } from '../support/engine.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');
const EXPECTED = path.join(FIXTURES, 'docker-py.json');
/** So that a reference engine which others use, too, is not disturbed. */
const PREFIX = 'slipwaypy';

async function steps(url: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)('python3', [path.join(FIXTURES, 'docker_py.py'), IMAGE, PREFIX], {
    env: { ...process.env, DOCKER_HOST: url, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: 120_000,
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('docker-py finds in the engine what it finds in dockerd', { timeout: 150_000 }, async () => {
  const reference = process.env['REFERENCE_SOCKET'];
  if (reference !== undefined) {
    const seen = await steps(`unix://${reference}`);
    if (process.env['RECORD'] !== undefined) writeFileSync(EXPECTED, `${JSON.stringify(seen, null, 2)}\n`);
  }
  await using engine = await startTestEngine();
  await pullImage(engine);
  const seen = await steps(engine.url);
  const expected = JSON.parse(readFileSync(EXPECTED, 'utf8')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(seen).sort(), Object.keys(expected).sort());
  for (const [step, outcome] of Object.entries(expected)) assert.deepEqual(seen[step], outcome, step);
});
