/** `kill -9` of the engine: containers live on, ends are not missed, and what was half-made is repaired. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  collect,
  create,
  exec,
  inspect,
  logsOf,
  openStream,
  pullImage,
  start,
  until,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

async function killed(engine: TestEngine, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
  await engine.stop('SIGKILL');
  await meanwhile();
  await engine.start();
}

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

describe('an engine that was killed', () => {
  test('finds its containers again: running, paused, stdin, logs, exec, exits', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const counting = await start(engine, {
      command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done'],
    });
    const paused = await start(engine);
    await ask(engine, 'POST', `/containers/${paused}/pause`);
    const reading = await start(engine, {
      command: ['sh', '-c', 'while read x; do echo "<$x>"; done'],
      config: { OpenStdin: true },
    });
    const network = await start(engine, { host: { NetworkMode: 'bridge' } });
    const { NetworkSettings } = await inspect(engine, network);
    const before = (await inspect(engine, counting)).State;
    await killed(engine, () => sleep(500));
    const after = (await inspect(engine, counting)).State;
    assert.deepEqual([after?.Pid, after?.StartedAt, after?.Running], [before?.Pid, before?.StartedAt, true]);
    const lines = (await logsOf(engine, counting)).stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines,
      lines.map((_, i) => String(i + 1)),
      'no line is lost',
    );
    assert.ok(lines.length >= 5, 'also of the time without an engine');
    assert.equal((await inspect(engine, paused)).State?.Status, 'paused');
    await ask(engine, 'POST', `/containers/${paused}/unpause`);
    assert.equal((await exec(engine, paused, ['echo', 'x'])).stdout, 'x\n');
    const attached = await openStream(engine, 'POST', `/containers/${reading}/attach?stream=1&stdin=1&stdout=1`);
    attached.socket.write('still\n');
    await until('the echo', async () => (await logsOf(engine, reading)).stdout === '<still>\n');
    attached.socket.destroy();
    const found = (await inspect(engine, network)).NetworkSettings?.Networks?.['bridge'];
    assert.equal(found?.IPAddress, NetworkSettings?.Networks?.['bridge']?.IPAddress);
    const waiting = waitFor(engine, counting);
    await ask(engine, 'POST', `/containers/${counting}/kill`);
    assert.equal(await waiting, 137, 'an exit after the restart is seen');
  });

  test('learns of ends that it did not see: code, time, output, --rm, restart policies', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const seven = await start(engine, { command: ['sh', '-c', 'sleep 0.7; echo bye; exit 7'] });
    const gone = await start(engine, { command: ['sleep', '0.7'], host: { AutoRemove: true, Binds: ['/data'] } });
    const again = await start(engine, {
      command: ['sh', '-c', 'echo run; sleep 0.7'],
      host: { RestartPolicy: { Name: 'always' } },
    });
    const stopped = await start(engine, { host: { RestartPolicy: { Name: 'unless-stopped' } } });
    await ask(engine, 'POST', `/containers/${stopped}/stop?t=0`);
    await killed(engine, () => sleep(2500));
    const state = (await inspect(engine, seven)).State;
    assert.deepEqual([state?.ExitCode, state?.Status], [7, 'exited']);
    const ran = Date.parse(state?.FinishedAt ?? '') - Date.parse(state?.StartedAt ?? '');
    assert.ok(ran >= 600 && ran < 2200, `it ran for ${ran} ms, not until the engine came back`);
    assert.equal((await logsOf(engine, seven)).stdout, 'bye\n');
    assert.equal(await waitFor(engine, seven), 7);
    assert.equal((await engine.call('GET', `/containers/${gone}/json`)).status, 404);
    await until('a second run', async () => /run\n(.*\n)*run\n/.test((await logsOf(engine, again)).stdout));
    assert.equal((await inspect(engine, stopped)).State?.Running, false);
  });

  test('a stream that it cut can be opened again, and a client that waits is told by the next engine', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const id = await start(engine, {
      command: ['sh', '-c', 'echo one; until [ -e /go ]; do sleep 0.05; done; echo two; exit 4'],
    });
    const cut = collect(await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdout=1&logs=1`));
    await sleep(200);
    await killed(engine);
    await cut;
    const attached = collect(await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdout=1&logs=1`));
    const waited = waitFor(engine, id);
    // The container may end before its exec can be inspected.
    await exec(engine, id, ['touch', '/go']).catch(() => {});
    assert.equal(await waited, 4);
    assert.equal((await attached).stdout, 'one\ntwo\n');
  });

  test('a container whose shim died with it is ended, not half alive', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    const id = await start(engine);
    const bundle = `${engine.dataRoot}/exec/bundles/${id}`;
    const conmon = Number(readFileSync(`${bundle}/conmon.pid`, 'utf8'));
    await killed(engine, async () => {
      process.kill(conmon, 'SIGKILL');
      process.kill((await pidOf(bundle)) ?? 0, 'SIGKILL');
      await sleep(100);
    });
    const state = (await inspect(engine, id)).State;
    assert.deepEqual([state?.Status, state?.ExitCode], ['exited', 255]);
    await ask(engine, 'POST', `/containers/${id}/start`);
    assert.equal((await inspect(engine, id)).State?.Running, true);
  });

  test('killed at random moments of containers’ lives, nothing is left half-made', async () => {
    await using engine = await startTestEngine();
    await pullImage(engine);
    for (let round = 0; round < 6; round++) {
      const lives = Array.from({ length: 4 }, async () => {
        try {
          const id = await create(engine, {
            command: ['sh', '-c', 'sleep 0.1'],
            host: { NetworkMode: 'bridge', Binds: ['/v'] },
          });
          await ask(engine, 'POST', `/containers/${id}/start`);
          await waitFor(engine, id);
          await ask(engine, 'DELETE', `/containers/${id}?v=1`);
        } catch {
          // The engine was killed under it.
        }
      });
      await sleep(Math.random() * 400);
      await killed(engine);
      await Promise.all(lives);
    }
    await until('all to end', async () => {
      const list = (await ask(engine, 'GET', '/containers/json')).json<unknown[]>();
      return list.length === 0;
    });
    const all = (await ask(engine, 'GET', '/containers/json?all=1')).json<{ Id: string; State: string }[]>();
    for (const { Id } of all) await ask(engine, 'DELETE', `/containers/${Id}?force=1&v=1`);
    const volumes = (await ask(engine, 'GET', '/volumes')).json<{ Volumes: { Name: string }[] }>().Volumes;
    assert.deepEqual(volumes, [], 'no anonymous volume is left');
    assert.equal(mounts().includes(`${engine.dataRoot}/containers`), false, 'no root file system is mounted');
    assert.deepEqual(readdirSync(`${engine.dataRoot}/exec/bundles`), []);
    assert.deepEqual(readdirSync(`${engine.dataRoot}/exec/oci`), []);
    assert.deepEqual(
      readdirSync(`${engine.dataRoot}/containers`).filter((name) => !name.startsWith('.')),
      [],
    );
  });

  test('directories without a container are swept', async () => {
    await using engine = await startTestEngine({ mirror: false });
    const orphan = `${engine.dataRoot}/containers/${'f'.repeat(64)}`;
    await killed(engine, async () => {
      mkdirSync(`${orphan}/upper`, { recursive: true });
    });
    assert.equal(existsSync(orphan), false);
  });
});

async function pidOf(bundle: string): Promise<number | undefined> {
  return existsSync(`${bundle}/pid`) ? Number(readFileSync(`${bundle}/pid`, 'utf8')) : undefined;
}
