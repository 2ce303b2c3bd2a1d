/** Caches that go from one engine to another: through a registry, a folder, and inside images. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { builtBySlipway, slipwayBuild } from '../support/slipway-build.ts';

let registry: Registry;
let [first, second]: TestEngine[] = [];
let folder = '';
before(async () => {
  [registry, first, second] = await Promise.all([startRegistry(), startTestEngine(), startTestEngine()]);
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-cache-transfer-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await first?.[Symbol.asyncDispose]();
  await second?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

/** Each test has steps of its own: the engines remember what they did in the tests before. */
const lines = (name: string): string => `FROM busybox AS made
RUN echo ${name} >/early && cat /proc/sys/kernel/random/uuid >/uuid
COPY f /in/
RUN cp /in/f /out
FROM busybox
COPY --from=made /out /uuid /
ENV x=1
RUN cat /out >/late
CMD ["sh"]`;

interface Built {
  readonly id: string;
  /** Instructions that were done. */
  readonly done: number;
  readonly cached: number;
  readonly said: string;
}

async function build(
  engine: TestEngine | undefined,
  context: { readonly path: string },
  ...args: string[]
): Promise<Built> {
  assert.ok(engine);
  const idFile = path.join(folder, 'id');
  const { stderr } = await builtBySlipway(engine, [...args, '--iidfile', idFile, context.path]);
  const done = stderr.split('---> Running in').length - 1;
  const cached = stderr.split('---> Using cache').length - 1;
  return { id: readFileSync(idFile, 'utf8'), done, cached, said: stderr };
}

for (const mode of ['min', 'max']) {
  test(`a registry, mode=${mode}: another engine does nothing, and has the same image`, async () => {
    using context = contextFolder({ Dockerfile: lines(`registry-${mode}`), f: '1' });
    const cache = `type=registry,ref=${registry.host}/cache/app:${mode}`;
    const here = await build(first, context, '--cache-to', `${cache},mode=${mode}`);
    const there = await build(second, context, '--cache-from', cache);
    assert.deepEqual([there.id, there.done, there.cached], [here.id, 0, 7], there.said);
    assert.equal((await docker(second!, 'run', '--rm', there.id, 'cat', '/late')).stdout, '1');
  });
}

test('what came from elsewhere is remembered from then on', async () => {
  using context = contextFolder({
    Dockerfile: 'FROM busybox\nRUN echo kept >/k\nENV a=1\nCOPY f /\nRUN cat /f',
    f: '1',
  });
  const cache = `type=registry,ref=${registry.host}/cache/kept`;
  const here = await build(first, context, '--cache-to', `${cache},image-manifest=false`);
  await build(second, context, '--cache-from', cache);
  const { id, cached } = await build(second, context);
  assert.deepEqual([id, cached], [here.id, 4]);

  using stages = contextFolder({ Dockerfile: lines('kept stages'), f: '1' });
  const staged = `type=registry,ref=${registry.host}/cache/stages`;
  const made = await build(first, stages, '--cache-to', staged);
  await build(second, stages, '--cache-from', staged);
  const again = await build(second, stages);
  assert.deepEqual([again.id, again.done], [made.id, 0], 'layers of stages that never came are not needed');
});

test('one byte changed is a miss from there on; layers that the cache does not have are made again', async () => {
  for (const mode of ['min', 'max']) {
    using context = contextFolder({ Dockerfile: lines(`byte-${mode}`), f: '1' });
    const cache = `type=registry,ref=${registry.host}/cache/byte:${mode}`;
    await build(first, context, '--cache-to', `${cache},mode=${mode}`);
    context.write({ f: '2' });
    const { done, id, said } = await build(second, context, '--cache-from', cache);
    // With mode=min the first RUN's layer stayed where it was made.
    assert.equal(done, mode === 'min' ? 3 : 2, said);
    assert.equal((await docker(second!, 'run', '--rm', id, 'cat', '/late')).stdout, '2');
  }
});

test('what a stage hands over counts, not how it came about, however the cache was written', async () => {
  using context = contextFolder({ Dockerfile: lines('handed').replace(' /uuid /', ' /'), f: '1' });
  const cache = `type=registry,ref=${registry.host}/cache/handed`;
  await build(first, context);
  assert.equal((await build(first, context, '--cache-to', `${cache},mode=max`)).done, 0);
  context.write({ Dockerfile: lines('handed otherwise').replace(' /uuid /', ' /'), f: '1' });
  const { done, said } = await build(second, context, '--cache-from', cache);
  assert.equal(done, 2, said);
});

test('a folder, with a cache for each tag', async () => {
  const place = path.join(folder, 'local');
  using context = contextFolder({ Dockerfile: lines('local'), f: '1' });
  const here = await build(
    first,
    context,
    '--cache-from',
    `type=local,src=${place}`,
    '--cache-to',
    `type=local,dest=${place},mode=max,tag=a`,
  );
  await build(first, context, '--cache-to', `type=local,dest=${place},tag=b`);
  const index = JSON.parse(readFileSync(path.join(place, 'index.json'), 'utf8')) as { manifests: unknown[] };
  assert.equal(index.manifests.length, 2);
  assert.ok(readdirSync(path.join(place, 'blobs/sha256')).length > 4);
  const there = await build(second, context, '--cache-from', `type=local,src=${place},tag=a`);
  assert.deepEqual([there.id, there.done], [here.id, 0], there.said);
});

test('an image carries its own cache: pushed, pulled, and named by docker build --cache-from', async () => {
  using context = contextFolder({ Dockerfile: lines('inline'), f: '1' });
  const name = `${registry.host}/team/inline:1`;
  const here = await build(first, context, '--cache-to', 'type=inline', '--tag', name, '--push');
  const there = await build(second, context, '--cache-from', name);
  assert.equal(there.done, 0, there.said);

  using other = contextFolder({ Dockerfile: lines('argument'), f: '1' });
  const tag = `${registry.host}/team/argument:1`;
  await build(first, other, '--build-arg', 'BUILDKIT_INLINE_CACHE=1', '--tag', tag, '--push');
  await docker(second!, 'pull', tag);
  const { code, said } = await dockerBuild(second!, other, '--cache-from', tag);
  assert.equal(code, 0, said);
  assert.doesNotMatch(said, /Running in|not consumed/);
  assert.notEqual(here.id, '');
});

test('an image of the classic builder, loaded elsewhere, is a cache there, and nobody reads in it what its stages did', async () => {
  using context = contextFolder({ Dockerfile: lines('classic'), f: '1' });
  const name = 'classic-cache:1';
  await dockerBuild(first!, context, '--tag', name);
  const here = await docker(first!, 'image', 'inspect', '--format', '{{.Id}}', name);
  assert.match((await dockerBuild(first!, context)).said, new RegExp(`Successfully built ${here.stdout.slice(7, 19)}`));
  const archive = path.join(folder, 'classic.tar');
  await docker(first!, 'save', '--output', archive, name);
  assert.ok(!readFileSync(archive, 'latin1').includes('echo classic'), 'a command of another stage');
  await docker(second!, 'load', '--input', archive);
  const { code, said } = await dockerBuild(second!, context, '--cache-from', name);
  assert.equal(code, 0, said);
  assert.doesNotMatch(said, /Running in/);
  assert.match(said, new RegExp(`Successfully built ${here.stdout.slice(7, 19)}`));
  context.write({ f: '2' });
  assert.match((await dockerBuild(second!, context, '--cache-from', name)).said, /Running in/);
});

test('a cache that is not there is told of; one that cannot be written fails the build, unless told not to', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo absent >/x' });
  const { said } = await build(first, context, '--cache-from', `${registry.host}/no/such:1`);
  assert.match(said, /\[Warning\] failed to import the cache .*no\/such:1/);
  const nowhere = 'type=registry,ref=127.0.0.1:1/cache:1';
  const failed = await slipwayBuild(first!, ['--cache-to', nowhere, context.path]);
  assert.notEqual(failed.code, 0);
  assert.match(failed.stderr, /error writing the cache to 127\.0\.0\.1:1\/cache:1/);
  assert.match(
    (await build(first, context, '--cache-to', `${nowhere},ignore-error=true`)).said,
    /\[Warning\] error writing/,
  );
  const gha = await slipwayBuild(first!, ['--cache-to', 'type=gha', context.path]);
  assert.match(gha.stderr, /no cache of the type "gha": use registry, local or inline/);
});
