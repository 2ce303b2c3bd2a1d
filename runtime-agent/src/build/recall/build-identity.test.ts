import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { BuildRequest } from '../request.ts';
import { identityOf, isSelfContained } from './build-identity.ts';

const BYTES = Buffer.from('context');
const plain: BuildRequest = {
  context: Readable.from([]),
  dockerfile: 'Dockerfile',
  tags: ['a'],
  buildArgs: {},
  secrets: [],
  contexts: {},
  pull: false,
  remote: '',
  signal: AbortSignal.abort(),
};
const identity = (more: Partial<BuildRequest> = {}): string => identityOf({ ...plain, ...more }, BYTES);

test('the same request is the same build, whoever asks', () => {
  const others: Partial<BuildRequest> = {
    context: Readable.from(['x']),
    signal: new AbortController().signal,
    onEvent: () => {},
    credentials: { host: { username: 'u', password: 'p' } },
    login: () => Promise.resolve(undefined),
  };
  assert.equal(identity(others), identity());
  assert.ok(isSelfContained({ ...plain, ...others }));
});

test('every option that a build depends on tells it from others', () => {
  const options: readonly Partial<BuildRequest>[] = [
    {},
    { dockerfile: 'Other' },
    { tags: ['a', 'b'] },
    { tags: ['b', 'a'] },
    { tags: ['a,b'] },
    { buildArgs: { a: '1' } },
    { buildArgs: { a: '2' } },
    { unsetArguments: ['a'] },
    { labels: { a: '1' } },
    { target: 'a' },
    { platform: 'a' },
    { networkMode: 'a' },
    { hostConfig: { Memory: 1 } },
    { allowInsecure: true },
    { allowHostNetwork: false },
    { asClassic: true },
    { keepContainers: 'all' },
    { keepContainers: 'failed' },
    { keepImage: false },
  ];
  const identities = [...options.map(identity), identityOf(plain, Buffer.from('contexu'))];
  assert.equal(new Set(identities).size, identities.length);
});

test('what names things that are elsewhere, or wants them done anew, cannot be told from memory', () => {
  const requests: readonly Partial<BuildRequest>[] = [
    { context: undefined as never },
    { remote: 'https://host/repository.git' },
    { files: { dockerfile: () => Promise.reject(new Error()) } as never },
    { dockerfileFrom: { dockerfile: () => Promise.reject(new Error()) } },
    { ignoreCache: true },
    { ignoreCacheOf: ['a'] },
    { pull: true },
    { secrets: ['a'] },
    { secrets: 'ask' },
    { agents: ['default'] },
    { contexts: { a: 'docker-image://b' } },
    { given: { a: {} as never } },
    { cacheFrom: [{ type: 'image', reference: 'a' }] },
    { cacheTo: [{ type: 'inline' }] },
    { outputs: [{ kind: 'files', name: 'a' }] },
    { rewriteTimes: true },
    { squash: true },
    { watch: () => {} },
  ];
  assert.ok(isSelfContained(plain));
  for (const more of requests) assert.equal(isSelfContained({ ...plain, ...more }), false, Object.keys(more).join());
});
