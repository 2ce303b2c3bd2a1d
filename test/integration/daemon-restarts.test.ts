/** Restart policies and health checks over time, also when the engine is killed in between. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, inspect, pullImage, start, until } from '../support/containers.ts';
import { startTestEngine } from '../support/engine.ts';

const SECOND = 1e9;

describe('over time', () => {
  test('the pauses between restarts go on growing after a kill of the engine', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const id = await start(engine, { command: ['false'], host: { RestartPolicy: { Name: 'always' } } });
    const count = async (): Promise<number> => (await inspect(engine, id)).RestartCount ?? 0;
    // 0.1, 0.2, 0.4, 0.8 seconds: the next pause is 1.6 seconds.
    await until('five restarts', async () => (await count()) >= 5);
    await engine.stop('SIGKILL');
    await engine.start();
    const before = await count();
    assert.ok(before >= 5, 'restarts are not counted anew');
    await sleep(1200);
    const soon = await count();
    assert.ok(soon - before <= 1, `${soon - before} restarts in 1.2 seconds: the pauses have begun anew`);
    await until('the next restart', async () => (await count()) > before);
  });

  test('during its start period a container is probed at start-interval, and failures do not count', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const Healthcheck = {
      Test: ['CMD-SHELL', 'test -f /tmp/ready'],
      Interval: 600 * SECOND,
      StartPeriod: 600 * SECOND,
      StartInterval: SECOND / 5,
      Retries: 1,
    };
    const id = await start(engine, { config: { Healthcheck } });
    const health = async () => (await inspect(engine, id)).State?.Health;
    await until('three failures', async () => ((await health())?.Log?.length ?? 0) >= 3);
    assert.deepEqual([(await health())?.Status, (await health())?.FailingStreak], ['starting', 0]);
    await exec(engine, id, ['mkdir', '-p', '/tmp']);
    await exec(engine, id, ['touch', '/tmp/ready']);
    await until('health', async () => (await health())?.Status === 'healthy');
    // Probed anew by an engine that knows nothing of before.
    await engine.stop('SIGKILL');
    await engine.start();
    await until('health again', async () => (await health())?.Status === 'healthy');
  });
});
