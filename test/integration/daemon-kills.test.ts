/**
 * `kill -9` of the engine at random moments, with requests in flight: no container, log line or exit code is lost, and
 * start-up repairs what was half-made. `SLIPWAY_KILLS=1000` kills a thousand times; `SLIPWAY_KILL_PROGRAM=dist/slipway`
 * takes the built engine. The seed is printed, and `SLIPWAY_SEED` repeats its choices.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerInspectResponse } from '../../model/engine-api/types.ts';
import { create, inspect, logsOf, pullImage, start, until, waitFor } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const KILLS = Number(process.env['SLIPWAY_KILLS'] ?? 12);
const SEED = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1e9);
const PROGRAM = process.env['SLIPWAY_KILL_PROGRAM'];
/** The kill comes this long after the engine listens, at most. */
const LONGEST_LIFE_MS = 400;

/** mulberry32 */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Job {
  readonly id: string;
  readonly code: number;
  /** The engine had said that it runs. */
  started: boolean;
  removed: boolean;
}

/** What a client knows for sure: only what an engine has acknowledged. */
class Clients {
  readonly jobs: Job[] = [];
  readonly removals = new Set<string>();
  private readonly engine: TestEngine;
  private readonly random: () => number;
  constructor(engine: TestEngine, random: () => number) {
    this.engine = engine;
    this.random = random;
  }

  /** Runs a short container as far as the engine lives. */
  async job(): Promise<void> {
    const code = Math.floor(this.random() * 100) + 1;
    const command = ['sh', '-c', `echo begin; sleep ${(this.random() * 0.3).toFixed(2)}; echo end; exit ${code}`];
    const network = this.random() < 0.3 ? 'bridge' : 'none';
    const id = await create(this.engine, { command, host: { NetworkMode: network } });
    const job: Job = { id, code, started: false, removed: false };
    this.jobs.push(job);
    const answer = await this.engine.call('POST', `/containers/${id}/start`);
    assert.equal(answer.status, 204, answer.text);
    job.started = true;
  }

  async remove(): Promise<void> {
    const job = this.jobs.find((one) => !one.removed && !this.removals.has(one.id));
    if (job === undefined) return;
    this.removals.add(job.id);
    const answer = await this.engine.call('DELETE', `/containers/${job.id}?force=1`);
    if (answer.status === 204) job.removed = true;
  }
}

const refusedOrCut = (error: unknown): void => {
  if (error instanceof assert.AssertionError) throw error;
};

async function checkJobs(engine: TestEngine, clients: Clients): Promise<void> {
  for (const job of clients.jobs.splice(0)) {
    const answer = await engine.call('GET', `/containers/${job.id}/json`);
    if (job.removed) assert.equal(answer.status, 404, 'what was removed stays removed');
    // A removal whose answer was cut off may have been done or not.
    if (answer.status === 404) {
      assert.ok(clients.removals.has(job.id), `container ${job.id} is lost`);
      continue;
    }
    const { Status } = answer.json<ContainerInspectResponse>().State ?? {};
    if (Status === 'removing') {
      assert.ok(clients.removals.has(job.id));
      await until(
        'the end of the removal',
        async () => (await engine.call('GET', `/containers/${job.id}/json`)).status === 404,
      );
      continue;
    }
    if (job.started || Status !== 'created') {
      const ended = await waitFor(engine, job.id);
      // A removal that was cut off may have killed it.
      const codes = clients.removals.has(job.id) ? [job.code, 137] : [job.code];
      if (!codes.includes(ended)) {
        const { stdout, stderr } = await logsOf(engine, job.id);
        const { State } = await inspect(engine, job.id);
        const seen = JSON.stringify({ State, stdout, stderr }, undefined, 2);
        assert.fail(`container ${job.id} ended with ${ended}, not ${codes.join(' or ')}: ${seen}\n${engine.log()}`);
      }
      if (ended === job.code) assert.equal((await logsOf(engine, job.id)).stdout, 'begin\nend\n');
    }
    assert.ok((await engine.call('DELETE', `/containers/${job.id}?force=1`)).status < 300);
  }
}

test(`${KILLS} kills at random moments lose nothing`, { timeout: 60_000 + KILLS * 10_000 }, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = randomNumbers(SEED);
  await using engine = await startTestEngine(PROGRAM === undefined ? {} : { program: path.resolve(PROGRAM) });
  await pullImage(engine);
  const counting = await start(engine, {
    command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done'],
  });
  const failing = await start(engine, {
    command: ['sh', '-c', 'sleep 0.2; exit 3'],
    host: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } },
  });
  const pid = (await inspect(engine, counting)).State?.Pid;
  const clients = new Clients(engine, random);
  for (let kill = 1; kill <= KILLS; kill++) {
    const requests = [clients.job(), clients.job(), clients.remove(), engine.call('GET', '/containers/json?all=1')];
    const all = Promise.all(requests.map((request) => request.then(() => {}, refusedOrCut)));
    await sleep(random() * LONGEST_LIFE_MS);
    await engine.stop('SIGKILL');
    await all;
    await engine.start();
    // Now and then, so that several kills in a row meet the same containers.
    if (kill % 4 === 0 || kill === KILLS) await checkJobs(engine, clients);
  }
  assert.equal((await inspect(engine, counting)).State?.Pid, pid);
  const lines = (await logsOf(engine, counting)).stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines,
    lines.map((_, i) => String(i + 1)),
    'no line is lost',
  );
  await until('the last retry', async () => (await inspect(engine, failing)).State?.Status === 'exited');
  const { RestartCount, State } = await inspect(engine, failing);
  assert.deepEqual([RestartCount, State?.ExitCode, State?.Error], [5, 3, ''], engine.log());
});
