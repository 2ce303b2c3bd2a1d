import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image, PullRequest } from '../images/images.ts';
import { type BaseImageOptions, baseImages, credentialsFor } from './base-images.ts';
import { imageOf } from './plan/plan.fixture.ts';

const HOST = { os: 'linux', architecture: 'amd64' };

function fetcher(here: Readonly<Record<string, Image>>, more: Partial<BaseImageOptions> = {}) {
  const pulled: PullRequest[] = [];
  const fetch = baseImages({
    images: {
      find: (name) => here[name],
      async pull(request) {
        pulled.push(request);
        return imageOf(`pulled ${request.reference}`);
      },
    },
    host: HOST,
    platform: undefined,
    alwaysPull: false,
    byShortId: false,
    credentials: {},
    progress: () => {},
    signal: new AbortController().signal,
    ...more,
  });
  return { fetch, pulled };
}

test('an image that is here is taken, another is pulled', async () => {
  const { fetch, pulled } = fetcher({ app: imageOf('app') });
  assert.equal((await fetch('app', undefined)).id, 'sha256:app');
  assert.equal((await fetch('b', undefined)).id, 'sha256:pulled b');
  assert.deepEqual(
    pulled.map(({ reference }) => reference),
    ['b'],
  );
});

test('with --pull it is asked for again, but not an id', async () => {
  const short = 'c0ffeec0ffee';
  const id = short.padEnd(64, '0');
  const { fetch, pulled } = fetcher(
    { app: imageOf('app'), [short]: imageOf(id) },
    { alwaysPull: true, byShortId: true },
  );
  await fetch('app', undefined);
  assert.equal((await fetch(short, undefined)).id, `sha256:${id}`);
  assert.deepEqual(
    pulled.map(({ reference }) => reference),
    ['app'],
  );
});

test('a short id is an image to the classic builder alone, a whole one to both', async () => {
  const id = 'b0'.padEnd(64, '1');
  const here = { b: imageOf(id), [id]: imageOf(id), b0: { ...imageOf(id), repoTags: ['b0:latest'] } };
  const idOf = async (name: string, byShortId: boolean) =>
    (await fetcher(here, { byShortId }).fetch(name, undefined)).id;
  assert.deepEqual([await idOf('b', true), await idOf('b', false)], [`sha256:${id}`, 'sha256:pulled b']);
  assert.deepEqual([await idOf(id, false), await idOf('b0', false)], [`sha256:${id}`, `sha256:${id}`]);
});

test('an image of another platform is pulled for the wanted one', async () => {
  const { fetch, pulled } = fetcher({ app: imageOf('app') }, { platform: 'linux/amd64' });
  await fetch('app', undefined);
  await fetch('app', 'linux/arm64');
  assert.deepEqual(
    pulled.map(({ platform }) => platform),
    ['linux/arm64'],
  );
  const wrong = fetcher({ app: imageOf('app') }, { platform: 'linux/s390x' });
  await wrong.fetch('app', undefined);
  assert.deepEqual(
    wrong.pulled.map(({ platform }) => platform),
    ['linux/s390x'],
  );
});

test("the registry's own login goes with the pull", async () => {
  const credentials = { 'host:5000': { username: 'u' }, 'https://index.docker.io/v1/': { username: 'hub' } };
  const { fetch, pulled } = fetcher({}, { credentials });
  await fetch('host:5000/a', undefined);
  await fetch('busybox', undefined);
  await fetch('other.host/a', undefined);
  assert.deepEqual(
    pulled.map((request) => request.credentials?.username),
    ['u', 'hub', undefined],
  );
  assert.equal(credentialsFor('docker.io/a/b', credentials)?.username, 'hub');
  assert.equal(credentialsFor('host:5001/a', credentials), undefined);
});
