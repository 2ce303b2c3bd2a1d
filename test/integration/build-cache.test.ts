/** The build cache: what counts, what does not, and that it outlives the engine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type ContextFolder, contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(() => engine?.[Symbol.asyncDispose]());

/** How many steps came from the cache, and the image. */
async function build(folder: ContextFolder, ...args: string[]): Promise<{ cached: number; id: string }> {
  const { code, said } = await dockerBuild(engine, folder, '-t', 'cached', ...args);
  assert.equal(code, 0, said);
  const id = (await docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'cached')).stdout.trim();
  return { cached: said.split('Using cache').length - 1, id };
}

const LINES = 'FROM busybox\nRUN echo a >/a\nCOPY f d /in/\nENV x=1\nRUN echo b >/b\nCMD ["sh"]';

test('the same again is all cached, and the same image', async () => {
  using folder = contextFolder({ Dockerfile: LINES, f: '1', 'd/g': '2' });
  const first = await build(folder);
  assert.equal(first.cached, 0);
  const second = await build(folder);
  assert.deepEqual(second, { cached: 5, id: first.id });
});

test('once more and after a restart it says the same, tags, and is written down', async () => {
  using folder = contextFolder({ Dockerfile: `${LINES}\nLABEL again=1`, f: '1', 'd/g': '2' });
  const steps = async (tag: string): Promise<string> => {
    const { code, said } = await dockerBuild(engine, folder, '-t', tag);
    assert.equal(code, 0, said);
    return said.slice(said.indexOf('Step 1'));
  };
  await steps('again');
  const cached = await steps('again');
  assert.equal(cached.split('Using cache').length - 1, 6);
  assert.equal(await steps('again'), cached);
  await docker(engine, 'tag', 'again', 'kept');
  await docker(engine, 'rmi', 'again');
  assert.equal(await steps('again'), cached);
  const ids = await docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'again', 'kept');
  assert.equal(new Set(ids.stdout.trim().split('\n')).size, 1, ids.stdout);
  await engine.stop('SIGKILL');
  await engine.start();
  assert.equal(await steps('again'), cached);
  const builds = (await engine.call('GET', '/slipway/v1/builds')).json<{ name: string; status: string }[]>();
  assert.deepEqual(
    builds.filter(({ name }) => name === 'again').map(({ status }) => status),
    Array<string>(5).fill('completed'),
  );
});

test('times do not count, contents, names and modes do', async () => {
  using folder = contextFolder({ Dockerfile: LINES, f: 'x', 'd/g': 'x' });
  await build(folder);
  utimesSync(path.join(folder.path, 'f'), 1, 1);
  assert.equal((await build(folder)).cached, 5);
  folder.write({ f: 'y' });
  assert.equal((await build(folder)).cached, 1);
  folder.write({ f: 'x' });
  assert.equal((await build(folder)).cached, 5);
  execFileSync('chmod', ['+x', path.join(folder.path, 'f')]);
  assert.equal((await build(folder)).cached, 1);
  folder.write({ 'd/new': '' });
  assert.equal((await build(folder)).cached, 1);
  folder.write({ unused: 'z' });
  assert.equal((await build(folder)).cached, 5, 'files that nothing copies do not count');
});

test('a label or a port above them leaves the file steps cached; a variable does not', async () => {
  using folder = contextFolder({
    Dockerfile: 'FROM busybox\nRUN cat /proc/sys/kernel/random/uuid >/q\nCOPY f /',
    f: 'q',
  });
  await build(folder);
  folder.write({
    Dockerfile: 'FROM busybox\nLABEL new=1\nEXPOSE 80\nRUN cat /proc/sys/kernel/random/uuid >/q\nCOPY f /',
  });
  assert.equal((await build(folder)).cached, 2);
  folder.write({ Dockerfile: 'FROM busybox\nENV new=1\nRUN cat /proc/sys/kernel/random/uuid >/q\nCOPY f /' });
  assert.equal((await build(folder)).cached, 0);
});

test('arguments count where they are declared, proxies never', async () => {
  using folder = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo r >/r\nARG V\nRUN echo $V >/v' });
  await build(folder, '--build-arg', 'V=1');
  assert.equal((await build(folder, '--build-arg', 'V=1', '--build-arg', 'http_proxy=p')).cached, 3);
  assert.equal((await build(folder, '--build-arg', 'V=2')).cached, 1, 'the RUN above it');
});

test('--no-cache does everything again', async () => {
  using folder = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo n >/n' });
  const first = await build(folder);
  const second = await build(folder, '--no-cache');
  assert.equal(second.cached, 0);
  assert.notEqual(second.id, first.id);
});

test('COPY --from counts by content: a stage made anew with the same files changes nothing after it', async () => {
  const lines = (salt: string): string =>
    `FROM busybox AS s\nRUN echo ${salt} >/salt && echo same >/f && mkdir /d && echo same >/d/g\nFROM busybox\nCOPY --from=s /f /d /got/\nRUN echo after >/after`;
  using folder = contextFolder({ Dockerfile: lines('1') });
  await build(folder);
  folder.write({ Dockerfile: lines('2') });
  assert.equal((await build(folder)).cached, 2);
});

test('COPY --link does not depend on what is below it', async () => {
  const lines = (below: string): string =>
    `FROM busybox\nRUN echo ${below} >/below\nCOPY --link f /linked/\nCOPY f /plain/`;
  using folder = contextFolder({ Dockerfile: lines('1'), f: 'link' });
  await build(folder);
  folder.write({ Dockerfile: lines('2') });
  assert.equal((await build(folder)).cached, 1);
  assert.equal(
    (await docker(engine, 'run', '--rm', '--network=none', 'cached', 'cat', '/below', '/linked/f', '/plain/f')).stdout,
    '2\nlinklink',
  );
});

test('bind mounts of the context count by what they show', async () => {
  using folder = contextFolder({
    Dockerfile: 'FROM busybox\nRUN --mount=source=d,target=/d cat /d/f >/m',
    'd/f': 'm',
    other: '1',
  });
  await build(folder);
  folder.write({ other: '2' });
  assert.equal((await build(folder)).cached, 1);
  folder.write({ 'd/f': 'n' });
  assert.equal((await build(folder)).cached, 0);
});

test('it outlives the engine, and removed images', async () => {
  using folder = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo lives >/lives\nLABEL x=y' });
  const { id } = await build(folder);
  await docker(engine, 'rmi', '--force', id);
  await engine.stop('SIGKILL');
  await engine.start();
  assert.deepEqual(await build(folder), { cached: 2, id });
  assert.equal((await docker(engine, 'run', '--rm', '--network=none', 'cached', 'cat', '/lives')).stdout, 'lives\n');
});

test('system df shows it, prune clears it, and images stay whole', async () => {
  using folder = contextFolder({
    Dockerfile: 'FROM busybox\nRUN head -c 3000000 /dev/zero >/big\nRUN rm /big && echo kept >/kept',
  });
  await build(folder);
  const usage = (await engine.call('GET', '/system/df')).json<{
    BuildCache: { Size: number; Description: string }[];
  }>();
  const big = usage.BuildCache.find(({ Description }) => Description.includes('head -c 3000000'));
  assert.ok((big?.Size ?? 0) >= 3_000_000);
  await docker(engine, 'builder', 'prune', '--force');
  assert.equal((await build(folder)).cached, 2, 'what an image stands on stays, as with BuildKit');
  await docker(engine, 'builder', 'prune', '--force', '--all', '--filter', 'id=none');
  assert.equal((await build(folder)).cached, 2);
  const { stdout } = await docker(engine, 'builder', 'prune', '--force', '--all');
  assert.match(stdout, /Total reclaimed space: /);
  assert.equal((await docker(engine, 'run', '--rm', '--network=none', 'cached', 'cat', '/kept')).stdout, 'kept\n');
  assert.equal((await build(folder)).cached, 0);
});

test('a mount of a stage is what its files are, not how they came to be', async () => {
  using folder = contextFolder({
    Dockerfile: [
      'FROM busybox AS made',
      'COPY bust /',
      'RUN mkdir /out && echo same >/out/f && cp /bust /else',
      'FROM busybox',
      'RUN --mount=from=made,source=out,target=/m,rw touch /m/g && cat /m/f /proc/sys/kernel/random/uuid >/told',
    ].join('\n'),
    bust: '1',
  });
  const layers = async (): Promise<string> =>
    (await docker(engine, 'image', 'inspect', '--format', '{{.RootFS.Layers}}', 'cached')).stdout;
  await build(folder);
  const before = await layers();
  folder.write({ bust: '2' });
  assert.equal((await build(folder)).cached, 1);
  assert.equal(await layers(), before);
  folder.write({ Dockerfile: 'FROM busybox AS made\nFROM busybox\nRUN --mount=from=made,source=none,target=/m true' });
  await assert.rejects(build(folder), /"\/none": not found/);
});

test('a cached layer that was lost is made again', async () => {
  using folder = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo lost >/lost' });
  await build(folder, '--label', 'unique=1');
  const { stdout } = await docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'cached');
  await docker(engine, 'rmi', '--force', stdout.trim());
  await engine.call('POST', '/build/prune?all=1');
  assert.equal((await build(folder)).cached, 0);
});

test('an image that is only labelled is made now, and the same again is that image', async () => {
  using folder = contextFolder({ Dockerfile: 'FROM busybox\nLABEL only=this' });
  const began = Date.now();
  const { id } = await build(folder);
  const { stdout } = await docker(engine, 'image', 'inspect', '--format={{.Created}}', id);
  assert.ok(Date.parse(stdout.trim()) >= began, stdout);
  assert.equal((await build(folder)).id, id);
});
