/**
 * Every operation of the API with odd paths, queries and bodies: no crash, no 500 for what a client sends, nothing left
 * behind. The operations come from the list that docs/engine-api-coverage.md is made of.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { pullImage, remove, run, start } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type Operation, OPERATIONS } from './coverage/operations.ts';

const RUNS = 150;
/** Long answers are left after this long. */
const PATIENCE_MS = 400;
const SETTLE_MS = 10_000;
/** Mistakes of clients, and a machine without a network, that Docker too answers with 500. */
const DOCKERS =
  /is not paused|dial tcp: lookup|strconv\.|^\{"message":"invalid reference format|(stop|restart) container .*: invalid signal/;
/** No request keeps those after it waiting for longer. */
const HANGS_MS = 20_000;

const word = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    'true',
    'x',
    '/',
    '..',
    'a:b',
    '99999999999999999999',
    '%00',
    '{}',
    '[]',
    'ÿ',
    ' ',
  ),
  fc.string({ maxLength: 12 }),
);
const QUERY =
  'all limit size filters force v link t signal h w path name fromImage fromSrc repo tag stream one-shot logs stdin stdout stderr follow since until tail timestamps condition ps_args detachKeys platform type changes container comment version scope verbose noprune names digests shared-size remote dockerfile q buildargs labels cachefrom memory noOverwriteDirNonDir copyUIDGID'.split(
    ' ',
  );
const query = fc.dictionary(fc.constantFrom(...QUERY), word, { maxKeys: 4 });
const body = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom('', '{', '[]', 'null', '"x"', '5', '{} {}', '\0', '{"Name":5}', '{"Cmd":{}}', '{"Container":[]}'),
  fc.json({ maxDepth: 3 }),
  fc
    .dictionary(
      fc.constantFrom('Name', 'Image', 'Cmd', 'Container', 'EndpointConfig', 'IPAM', 'HostConfig', 'Labels', 'Driver'),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 3 },
    )
    .map((value) => JSON.stringify(value)),
);
const type = fc.constantFrom('application/json', 'application/x-tar', 'text/plain', 'x', undefined);
const version = fc.constantFrom('', '/v1.51', '/v1.24', '/v1.41', '/v1.23', '/v1.52');

/** The status; 0 when the connection ended without one, -1 when it takes longer than anybody waits. */
function ask(engine: TestEngine, method: string, path: string, payload?: string, contentType?: string) {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    let answered = false;
    const call = request({ socketPath: engine.socket, method, path, headers }, (answer) => {
      answered = true;
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(0, 2000)));
      answer.on('close', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', () => {});
    });
    const timer = setTimeout(() => {
      resolve({ status: -1, text: '' });
      call.destroy();
    }, PATIENCE_MS);
    call.on('upgrade', (_answer, socket) => socket.destroy());
    call.on('close', () => {
      clearTimeout(timer);
      if (!answered) resolve({ status: 0, text: '' });
    });
    call.on('error', () => {});
    call.end(payload);
  });
}

function pathOf({ path }: Operation, id: string, odd: string, real: boolean): string {
  const name = real && path.startsWith('/containers') ? id : encodeURIComponent(odd || 'x');
  return path.replace(/\{\w+\}/, name);
}

interface Left {
  readonly files: number;
  readonly mounts: number;
}

function left(engine: TestEngine): Left {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return {
    files: readdirSync(`/proc/${engine.pid}/fd`).length,
    mounts: mounts.filter((line) => line.includes(`${engine.dataRoot}/containers`)).length,
  };
}

test('every operation, whatever is asked of it', { timeout: 600_000 }, async () => {
  await using engine = await startTestEngine();
  await pullImage(engine);
  await run(engine, ['true']);
  let id = await start(engine);
  const before = left(engine);
  const tried = fc.asyncProperty(
    fc.constantFrom(...OPERATIONS),
    fc.record({ query, body, type, version, odd: word, real: fc.boolean() }),
    async (operation, { query: asked, body: payload, type: contentType, version: prefix, odd, real }) => {
      const search = new URLSearchParams(asked).toString();
      const path = `${prefix}${pathOf(operation, id, odd, real)}?${search}`;
      const { status, text } = await ask(engine, operation.method, path, payload, contentType);
      // Docker reads logins by themselves: whatever is wrong with one is a fault of its own, by the status.
      const expected = DOCKERS.test(text) || operation.path === '/auth';
      assert.ok(status !== 500 || expected, `${operation.method} ${path} ${payload ?? ''}: ${text}`);
      const alive = await ask(engine, 'GET', `/containers/${id}/json`);
      if (alive.status === 404 || !alive.text.includes('"Status":"running"')) {
        await remove(engine, id);
        id = await start(engine);
      }
    },
  );
  await fc.assert(tried, { numRuns: RUNS, timeout: HANGS_MS, endOnFailure: true });
  assert.equal((await engine.call('GET', '/_ping')).status, 200);
  assert.equal((await run(engine, ['true'])).code, 0);
  await remove(engine, id);
  await removeAll(engine);
  const deadline = Date.now() + SETTLE_MS;
  let after = left(engine);
  while ((after.files > before.files + 5 || after.mounts > 0) && Date.now() < deadline) {
    await sleep(200);
    after = left(engine);
  }
  assert.equal(after.mounts, 0, 'mounts are left');
  assert.ok(after.files <= before.files + 5, `from ${before.files} to ${after.files} open files`);
});

async function removeAll(engine: TestEngine): Promise<void> {
  const containers = (await engine.call('GET', '/containers/json?all=1')).json<{ Id: string }[]>();
  for (const { Id } of containers) await remove(engine, Id);
}
