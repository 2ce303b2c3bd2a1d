/** Containers from creation to removal on the real kernel: states, exit codes, waiting, restarting, events. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSummary } from '../../model/engine-api/types.ts';
import { processBorn } from '../../runtime-agent/src/runtime/running-process.ts';
import {
  ask,
  create,
  exec,
  inspect,
  logsOf,
  pullImage,
  remove,
  run,
  start,
  until,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
});
after(async () => {
  await engine[Symbol.asyncDispose]();
});

const SLEEPER = ['sh', '-c', 'trap "exit 3" TERM; trap "echo usr1" USR1; echo ready; while :; do sleep 0.05; done'];
const ready = async (id: string): Promise<void> =>
  until('ready', async () => (await logsOf(engine, id)).stdout.includes('ready'));
const stateOf = async (id: string) => (await inspect(engine, id)).State;

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

async function eventsOf(id: string, since: number): Promise<Event[]> {
  const filters = encodeURIComponent(JSON.stringify({ container: [id] }));
  const until = (Date.now() / 1000 + 0.1).toFixed(3);
  const { text } = await ask(
    engine,
    'GET',
    `/events?since=${(since / 1000).toFixed(3)}&until=${until}&filters=${filters}`,
  );
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Event);
}

describe('containers', () => {
  test('exit codes are the command’s, or 128 and the signal', async () => {
    assert.equal((await run(engine, ['true'])).code, 0);
    assert.equal((await run(engine, ['sh', '-c', 'exit 42'])).code, 42);
    assert.equal((await run(engine, ['sh', '-c', "sh -c 'kill -9 $$'; exit $?"])).code, 137);
    assert.deepEqual(await run(engine, ['sh', '-c', 'echo out; echo err >&2; exit 1']), {
      code: 1,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('the events of a life, in order, with their attributes', async () => {
    const since = Date.now();
    const id = await create(engine, { name: 'life', command: SLEEPER, config: { Labels: { l: 'v' } } });
    await ask(engine, 'POST', `/containers/${id}/start`);
    await ready(id);
    await ask(engine, 'POST', `/containers/${id}/pause`);
    await ask(engine, 'POST', `/containers/${id}/unpause`);
    await ask(engine, 'POST', `/containers/${id}/rename?name=life2`);
    await ask(engine, 'POST', `/containers/${id}/kill?signal=USR1`);
    await exec(engine, id, ['true']);
    await ask(engine, 'POST', `/containers/${id}/restart?t=60`);
    // Before its trap is set, the first process of a container does not end at TERM.
    await until('ready again', async () => (await logsOf(engine, id)).stdout.split('ready').length === 3);
    await ask(engine, 'POST', `/containers/${id}/stop?t=60`);
    await ask(engine, 'DELETE', `/containers/${id}`);
    const events = await eventsOf(id, since);
    assert.deepEqual(
      events.map(({ Action }) => Action),
      [
        ['create', 'start', 'pause', 'unpause', 'rename', 'kill'],
        ['exec_create: true ', 'exec_start: true ', 'exec_die'],
        ['kill', 'die', 'stop', 'start', 'restart', 'kill', 'die', 'stop', 'destroy'],
      ].flat(),
    );
    const attributes = (action: string) => events.find(({ Action }) => Action === action)?.Actor.Attributes ?? {};
    assert.deepEqual(attributes('create'), { image: 'busybox', l: 'v', name: 'life' });
    assert.equal(attributes('rename')['oldName'], '/life');
    assert.equal(attributes('kill')['signal'], '10');
    assert.equal(attributes('die')['exitCode'], '3');
    assert.match(attributes('die')['execDuration'] ?? '', /^\d+$/);
    assert.match(attributes('exec_die')['execID'] ?? '', /^[0-9a-f]{64}$/);
  });

  test('stop asks, waits, insists', async () => {
    const polite = await start(engine, { command: SLEEPER });
    await ready(polite);
    await ask(engine, 'POST', `/containers/${polite}/stop`);
    assert.equal((await stateOf(polite))?.ExitCode, 3);
    const deaf = await start(engine, {
      command: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'],
    });
    await ready(deaf);
    const begun = Date.now();
    await ask(engine, 'POST', `/containers/${deaf}/stop?t=1`);
    assert.ok(Date.now() - begun >= 1000);
    const state = await stateOf(deaf);
    assert.deepEqual([state?.ExitCode, state?.Status, state?.OOMKilled], [137, 'exited', false]);
    for (const id of [polite, deaf]) await remove(engine, id);
  });

  test('a paused container can be stopped, killed and removed', async () => {
    for (const path of ['stop?t=1', 'kill', 'remove']) {
      const id = await start(engine);
      await ask(engine, 'POST', `/containers/${id}/pause`);
      assert.equal((await stateOf(id))?.Status, 'paused');
      if (path === 'remove') await ask(engine, 'DELETE', `/containers/${id}?force=1`);
      else {
        await ask(engine, 'POST', `/containers/${id}/${path}`);
        assert.equal((await stateOf(id))?.ExitCode, 137);
        await remove(engine, id);
      }
    }
  });

  test('waiting: for the end, the next end, the removal', async () => {
    const id = await create(engine, { command: ['sh', '-c', 'sleep 0.3; exit 7'] });
    assert.equal(await waitFor(engine, id, 'not-running'), 0, 'one that never ran does not run');
    const next = waitFor(engine, id, 'next-exit');
    const removed = waitFor(engine, id, 'removed');
    await sleep(100);
    await ask(engine, 'POST', `/containers/${id}/start`);
    assert.equal(await waitFor(engine, id), 7);
    assert.equal(await next, 7);
    await ask(engine, 'DELETE', `/containers/${id}`);
    assert.equal(await removed, 7);
  });

  test('waiting for a start that fails: its code, and the reason only for those who come later, as dockerd', async () => {
    const id = await create(engine, { command: ['no-such'] });
    const next = ask(engine, 'POST', `/containers/${id}/wait?condition=next-exit`);
    await sleep(100);
    assert.equal((await engine.call('POST', `/containers/${id}/start`)).status, 400);
    assert.deepEqual((await next).json(), { StatusCode: 127 });
    const later = await ask(engine, 'POST', `/containers/${id}/wait`);
    const { StatusCode, Error: error } = later.json<{ StatusCode: number; Error: { Message: string } }>();
    assert.equal(StatusCode, 127);
    assert.match(error.Message, /executable file not found/);
    await remove(engine, id);
  });

  test('a container that removes itself is gone, with its anonymous volumes and directories', async () => {
    const volumes = async (): Promise<string> => (await ask(engine, 'GET', '/volumes')).text;
    const before = await volumes();
    const id = await create(engine, { command: ['true'], host: { AutoRemove: true, Binds: ['/data'] } });
    assert.notEqual(await volumes(), before);
    const removed = waitFor(engine, id, 'removed');
    await ask(engine, 'POST', `/containers/${id}/start`);
    assert.equal(await removed, 0);
    assert.equal((await engine.call('GET', `/containers/${id}/json`)).status, 404);
    assert.equal(await volumes(), before);
    assert.equal(existsSync(`${engine.dataRoot}/containers/${id}`), false);
  });

  test('restart policies: so many times on failure; always, until a person stops it', async () => {
    const failing = await start(engine, {
      command: ['sh', '-c', 'echo run; exit 1'],
      host: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    });
    await until('two restarts', async () => {
      const { RestartCount, State } = await inspect(engine, failing);
      return RestartCount === 2 && State?.Status === 'exited';
    });
    assert.equal((await logsOf(engine, failing)).stdout, 'run\nrun\nrun\n');
    const steady = await start(engine, {
      command: ['sh', '-c', 'sleep 0.1'],
      host: { RestartPolicy: { Name: 'always' } },
    });
    await until('a restart', async () => ((await inspect(engine, steady)).RestartCount ?? 0) >= 2);
    await ask(engine, 'POST', `/containers/${steady}/stop?t=1`);
    await sleep(800);
    assert.equal((await stateOf(steady))?.Status, 'exited');
    for (const id of [failing, steady]) await remove(engine, id);
  });

  test('a restarted container keeps its files and gets its process anew', async () => {
    const id = await start(engine, { command: ['sh', '-c', 'echo $(cat /n 2>/dev/null)x > /n; sleep 1000'] });
    await until('the file', async () => (await exec(engine, id, ['cat', '/n'])).stdout === 'x\n');
    const { Pid } = (await stateOf(id)) ?? {};
    await ask(engine, 'POST', `/containers/${id}/restart?t=0`);
    await until('the file again', async () => (await exec(engine, id, ['cat', '/n'])).stdout === 'xx\n');
    assert.notEqual((await stateOf(id))?.Pid, Pid);
    await remove(engine, id);
  });

  test('a start that fails leaves nothing behind, and the next one works', async () => {
    const id = await create(engine, {
      command: ['true'],
      host: { Devices: [{ PathOnHost: '/dev/nope', PathInContainer: '/dev/x' }] },
    });
    const refused = await engine.call('POST', `/containers/${id}/start`);
    assert.equal(refused.status, 500);
    assert.equal((await stateOf(id))?.ExitCode, 128);
    const { State, GraphDriver } = await inspect(engine, id);
    assert.equal(State?.Status, 'created');
    const merged = GraphDriver?.Data?.['MergedDir'] ?? 'nowhere';
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(merged));
    await remove(engine, id);
    assert.equal((await run(engine, ['true'])).code, 0);
  });

  test('verbs that come at once are taken one after the other', async () => {
    const id = await create(engine, { command: SLEEPER });
    const starts = await Promise.all(Array.from({ length: 5 }, () => engine.call('POST', `/containers/${id}/start`)));
    assert.deepEqual(
      starts.map(({ status }) => status).toSorted((a, b) => a - b),
      [204, 304, 304, 304, 304],
    );
    await ready(id);
    const mixed = await Promise.all([
      engine.call('POST', `/containers/${id}/stop?t=3`),
      engine.call('POST', `/containers/${id}/restart?t=3`),
      engine.call('POST', `/containers/${id}/stop?t=3`),
      engine.call('GET', `/containers/${id}/json`),
    ]);
    assert.ok(
      mixed.every(({ status }) => status < 400),
      JSON.stringify(mixed.map(({ text }) => text)),
    );
    const removals = await Promise.all([0, 1].map(() => engine.call('DELETE', `/containers/${id}?force=1`)));
    assert.deepEqual(
      removals.map(({ status }) => status).toSorted((a, b) => a - b),
      [204, 409],
    );
    assert.equal((await engine.call('GET', `/containers/${id}/json`)).status, 404);
  });

  test('what comes while a container is being removed finds it marked, and keeps nothing of it', async () => {
    const id = await start(engine);
    const removal = engine.call('DELETE', `/containers/${id}?force=1`);
    const late = await Promise.all(
      ['rename?name=late', 'restart?t=0', 'update'].map(
        async (verb) => await engine.call('POST', `/containers/${id}/${verb}`, {}),
      ),
    );
    assert.equal((await removal).status, 204);
    for (const { status, text } of late) if (status > 204) assert.match(text, /marked for removal|No such container/);
    assert.equal((await engine.call('GET', `/containers/${id}/json`)).status, 404);
    await remove(engine, await create(engine, { name: 'late' }));
  });

  test('one whose conmon was killed is ended, and what waits for it is told', async () => {
    const id = await start(engine, { command: ['sleep', '600'] });
    const state = await stateOf(id);
    const Pid = state !== undefined && state !== null && 'Pid' in state ? state.Pid : 0;
    const conmon = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1];
    assert.match(readFileSync(`/proc/${conmon}/comm`, 'utf8'), /^conmon/);
    const streams = [`attach?stream=1&stdout=1`, 'logs?follow=1&stdout=1'].map(async (what) => {
      return (await engine.call(what.startsWith('attach') ? 'POST' : 'GET', `/containers/${id}/${what}`)).status;
    });
    process.kill(Number(conmon), 'SIGKILL');
    assert.equal(await waitFor(engine, id), 137, 'as in Docker when a shim was killed');
    assert.deepEqual(await Promise.all(streams), [200, 200]);
    // Whoever inherits it may leave it a zombie.
    assert.equal(processBorn(Pid), undefined);
    assert.equal((await engine.call('POST', `/containers/${id}/start`)).status, 204);
    await remove(engine, id);
  });

  test('many at once', async () => {
    const codes = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, i) => (await run(engine, ['sh', '-c', `exit ${i}`], { NetworkMode: 'bridge' })).code,
      ),
    );
    assert.deepEqual(
      codes,
      Array.from({ length: 12 }, (_, i) => i),
    );
  });

  test('the list is quick, and tells of size when asked', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => create(engine)));
    await ask(engine, 'GET', '/containers/json?all=1');
    const begun = performance.now();
    const all = (await ask(engine, 'GET', '/containers/json?all=1')).json<ContainerSummary[]>();
    assert.ok(performance.now() - begun < 100, 'a list of 40 takes less than 100 ms even on a busy machine');
    assert.equal(all.length, ids.length);
    const sized = (await ask(engine, 'GET', '/containers/json?all=1&size=1&limit=1')).json<ContainerSummary[]>();
    assert.equal(sized.length, 1);
    assert.ok((sized[0]?.SizeRootFs ?? 0) > 100_000);
    const pruned = (await ask(engine, 'POST', '/containers/prune')).json<{ ContainersDeleted: string[] }>();
    assert.deepEqual(new Set(pruned.ContainersDeleted), new Set(ids));
  });
});
