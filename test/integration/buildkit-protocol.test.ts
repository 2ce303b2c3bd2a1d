/** BuildKit's API, spoken by a client of our own: what buildx does, and what it would never do. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import * as control from '../../runtime-agent/src/buildkit/messages/control.ts';
import * as history from '../../runtime-agent/src/buildkit/messages/history.ts';
import { buildKitBuild, dialControl } from '../support/buildkit-client.ts';
import { contextFolder } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { PASSWORD, startPrivateRegistry, USER } from '../support/private-registry.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(() => engine?.[Symbol.asyncDispose]());

const named = (name: string) => [{ Type: 'moby', Attrs: { name } }];
const signal = new AbortController().signal;

test('an image is built from the files that the Dockerfile names, and tagged', async () => {
  using context = contextFolder({
    Dockerfile:
      'FROM busybox AS base\nARG who=nobody\nRUN echo "hello $who" | tee /said\nFROM base\nCOPY a sub/ /in/\n',
    a: 'A',
    'sub/b': 'B',
    unused: 'never sent',
  });
  const options = { 'build-arg:who': 'me', 'label:x': 'y' };
  const built = await buildKitBuild(engine.socket, { folder: context.path, options, exporters: named('first:1') });
  assert.deepEqual(built.asked, ['Dockerfile', 'a', 'sub/b']);
  assert.equal(built.logs, 'hello me\n');
  assert.deepEqual(
    built.ended.filter((name) => !name.startsWith('[internal]')),
    [
      '[base 1/2] FROM docker.io/library/busybox:latest',
      '[base 2/2] RUN echo "hello me" | tee /said',
      '[stage-1 1/1] COPY a sub/ /in/',
      'exporting to image',
    ],
  );
  const id = built.response['containerimage.config.digest'] ?? '';
  assert.equal(built.response['image.name'], 'docker.io/library/first:1');
  const answer = await engine.call('GET', '/images/first:1/json');
  const { Id, Config } = answer.json<{ Id: string; Config: { Labels: object } }>();
  assert.deepEqual([Id, Config.Labels], [id, { x: 'y' }]);
  const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'first:1', 'cat', '/said', '/in/a', '/in/b');
  assert.equal(stdout, 'hello me\nAB');
});

test('of a context that was here before only what has changed is asked for', async () => {
  using context = contextFolder({ Dockerfile: 'FROM scratch\nCOPY . /\n', a: 'A', b: 'B' });
  const build = { folder: context.path, sharedKey: 'one:1', exporters: named('again') };
  const first = await buildKitBuild(engine.socket, build);
  assert.deepEqual(first.asked.slice(1), ['Dockerfile', 'a', 'b'], 'after the Dockerfile on its own');
  const second = await buildKitBuild(engine.socket, build);
  assert.deepEqual(second.asked.slice(1), []);
  assert.ok(second.cached.includes('[1/1] COPY . /'));
  assert.deepEqual(second.response, first.response);
  context.write({ b: 'other', c: '->a' });
  const third = await buildKitBuild(engine.socket, build);
  assert.deepEqual(third.asked.slice(1), ['b']);
  assert.ok(!third.cached.includes('[1/1] COPY . /'));
});

test('secrets are asked for when a step needs them; what is required and not there is an error', async () => {
  using context = contextFolder({
    Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s\nRUN --mount=type=secret,id=no true\n',
  });
  const built = await buildKitBuild(engine.socket, { folder: context.path, secrets: { s: 'hidden' } });
  assert.match(built.logs, /^hidden/);
  context.write({ Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=no,required true\n' });
  await assert.rejects(buildKitBuild(engine.socket, { folder: context.path }), /^EngineError: secret no: not found/);
});

test('a registry that asks for a login gets the one that the client has', async () => {
  await using registry = await startPrivateRegistry();
  using context = contextFolder({ Dockerfile: `FROM ${registry.host}/library/busybox\nRUN true\n` });
  await assert.rejects(buildKitBuild(engine.socket, { folder: context.path }), /failed to resolve source metadata/);
  const logins = { [registry.host]: { Username: USER, Secret: PASSWORD } };
  const { ended } = await buildKitBuild(engine.socket, { folder: context.path, logins });
  assert.ok(ended.includes(`[internal] load metadata for ${registry.host}/library/busybox:latest`));
});

test('a command that fails is the error of its vertex and of the build', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo before; exit 7\n' });
  const message = 'process "/bin/sh -c echo before; exit 7" did not complete successfully: exit code: 7';
  await assert.rejects(
    buildKitBuild(engine.socket, { folder: context.path }),
    (error: Error & { told: { told: unknown } }) => {
      assert.equal(error.message, message);
      const { logs } = error.told as unknown as { logs: string };
      assert.equal(logs, 'before\n');
      return true;
    },
  );
});

test('files go to the client as an archive', async () => {
  using context = contextFolder({ Dockerfile: 'FROM scratch\nCOPY a /out/\n', a: 'content of a' });
  const { output, response } = await buildKitBuild(engine.socket, {
    folder: context.path,
    exporters: [{ Type: 'tar' }],
  });
  assert.match(output.toString('latin1'), /out\/a[^]*content of a/);
  assert.deepEqual(response, {});
});

test('what is not there is said, and nothing is built', async () => {
  using context = contextFolder({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
  const refused = (build: Parameters<typeof buildKitBuild>[1], code: string, message: RegExp): Promise<void> =>
    assert.rejects(
      buildKitBuild(engine.socket, { folder: context.path, ...build }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  await refused({ exporters: [{ Type: 'containerd' }] }, 'invalid', /exporter "containerd" could not be found/);
  await refused({ options: { platform: 'linux/amd64,linux/arm64' } }, 'not-implemented', /several platforms at once/);
  using foreign = contextFolder({ Dockerfile: '# syntax=me/frontend\nFROM scratch\nCOPY Dockerfile /\n' });
  await refused({ folder: foreign.path }, 'not-implemented', /^the frontend me\/frontend is an image/);
  await refused({ options: { filename: 'Other' } }, 'invalid', /failed to read dockerfile: open Other: no such file/);
  const client = await dialControl(engine.socket);
  const solve = (request: Partial<Parameters<typeof control.SolveRequest.encode>[0]>): Promise<unknown> =>
    client.call('/moby.buildkit.v1.Control/Solve', [control.SolveRequest, control.SolveResponse], request, signal);
  await assert.rejects(solve({ Ref: 'llb', Definition: { def: [Buffer.from([1])] } }), /not graphs \(LLB\)/);
  await assert.rejects(
    solve({ Ref: 'other', Frontend: 'gateway.v0', FrontendAttrs: { source: 'me/frontend' } }),
    /the frontend me\/frontend is an image, and this engine runs none/,
  );
  await assert.rejects(client.call('/no.Such/Method', [control.InfoRequest, control.InfoResponse], {}, signal), {
    code: 'not-implemented',
  });
  client.close();
});

test('workers, version, use of the disk and its clearing', async () => {
  const client = await dialControl(engine.socket);
  const { record } = await client.call(
    '/moby.buildkit.v1.Control/ListWorkers',
    [control.ListWorkersRequest, control.ListWorkersResponse],
    {},
    signal,
  );
  assert.equal(record[0]?.platforms?.[0]?.OS, 'linux');
  const usage = async (filter: string[]) =>
    (
      await client.call(
        '/moby.buildkit.v1.Control/DiskUsage',
        [control.DiskUsageRequest, control.DiskUsageResponse],
        { filter },
        signal,
      )
    ).record;
  const contexts = await usage(['type==source.local']);
  assert.equal(contexts.length, 1, 'the one that has a shared key');
  const gone = client.stream('/moby.buildkit.v1.Control/Prune', [control.PruneRequest, control.UsageRecord], {
    signal,
  });
  await gone.send({ filter: ['type==source.local'] });
  gone.end();
  const ids: unknown[] = [];
  for await (const { ID } of gone.answers) ids.push(ID);
  assert.deepEqual(ids, [contexts[0]?.ID]);
  assert.deepEqual(await usage(['type==source.local']), []);
  assert.ok((await usage([])).length > 0, 'the steps are still there');
  client.close();
});

test("a step has the host's network only when the client allows it", async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN --network=host true\n' });
  await assert.rejects(buildKitBuild(engine.socket, { folder: context.path }), /network\.host is not allowed/);
  await buildKitBuild(engine.socket, { folder: context.path, entitlements: ['network.host'] });
});

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of messages) found.push(one);
  return found;
}

test('builds that were are told of, with their logs and where they came from', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo recorded\n' });
  const before = Date.now() / 1000 - 1;
  const { response } = await buildKitBuild(engine.socket, { folder: context.path, exporters: named('recorded') });
  const client = await dialControl(engine.socket);
  const listed = client.stream(
    '/moby.buildkit.v1.Control/ListenBuildHistory',
    [history.BuildHistoryRequest, history.BuildHistoryEvent],
    { signal },
  );
  await listed.send({ EarlyExit: true, Limit: 1 });
  listed.end();
  const events = await all(listed.answers);
  const { record } = events[0] ?? {};
  assert.deepEqual([events.length, events[0]?.type, record?.numTotalSteps], [1, history.EVENT.complete, 6]);
  assert.ok((record?.CompletedAt?.seconds ?? 0) > before);
  assert.equal(record?.Result?.Results?.[0]?.value?.digest, response['containerimage.config.digest']);
  const digest = record?.Result?.Attestations?.[0]?.digest ?? '';
  const content = '/containerd.services.content.v1.Content';
  const read = client.stream(`${content}/Read`, [history.ReadContentRequest, history.ReadContentResponse], { signal });
  await read.send({ digest });
  read.end();
  const bytes = Buffer.concat((await all(read.answers)).map(({ data }) => data));
  assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
  assert.match(bytes.toString(), /"frontend": "dockerfile.v0"/);
  const info = [history.InfoRequest, history.InfoResponse] as const;
  assert.equal((await client.call(`${content}/Info`, info, { digest }, signal)).info?.size, bytes.length);
  await assert.rejects(client.call(`${content}/Info`, info, { digest: 'sha256:0' }, signal), { code: 'not-found' });
  client.close();
});

test('a build that its client gives up ends, and leaves nothing', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo begun; sleep 100\n' });
  const stop = new AbortController();
  const build = buildKitBuild(engine.socket, { folder: context.path, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('given up')), 700);
  await assert.rejects(build, /given up/);
  // The engine's disposal fails the test when a process or a mount is left.
});

test('a build whose client is gone from one moment to the next ends, too', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo begun; sleep 98765\n' });
  const build = buildKitBuild(engine.socket, { folder: context.path, breaks: { what: 'all', afterMs: 500 } });
  await assert.rejects(build);
  // The engine's disposal fails the test when a process or a mount is left; here the step has ended before.
  const end = Date.now() + 5000;
  while (isSleeping() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(isSleeping(), false);
});

test('a build whose session is gone says so', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN sleep 100\n' });
  const breaks = { what: 'session', afterMs: 500 } as const;
  const build = buildKitBuild(engine.socket, { folder: context.path, breaks });
  await assert.rejects(build, /the client's session ended before its build did: run the build again/);
});

/** Does the step of the test above run, below this engine? */
function isSleeping(): boolean {
  return globSync('/proc/[0-9]*/cmdline').some((file) => {
    try {
      return readFileSync(file, 'latin1') === 'sleep\x0098765\x00';
    } catch {
      return false; // it has just ended
    }
  });
}
