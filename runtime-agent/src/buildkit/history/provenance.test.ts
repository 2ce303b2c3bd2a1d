import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Provenance, provenanceOf } from './provenance.ts';

const NOTHING = { images: [], secrets: [], agents: [] };
const provenance = (build: Partial<Provenance>): Record<string, Record<string, unknown>> =>
  provenanceOf({
    id: 'i',
    options: {},
    sources: NOTHING,
    platform: { os: 'linux', architecture: 'arm64' },
    dockerfile: undefined,
    started: '2026-01-01T00:00:00.000Z',
    finished: '2026-01-01T00:00:01.000Z',
    ...build,
  }) as Record<string, Record<string, unknown>>;

test('options are told as far as they say what was built', () => {
  const options = {
    'build-arg:B': '2',
    'build-arg:A': '1',
    'context:more': 'local:more',
    filename: 'x.Dockerfile',
    'frontend.caps': 'caps',
    'image-resolve-mode': 'local',
    'local-sessionid:context': 's',
    'vcs:revision': 'abc',
    target: 't',
  };
  const { invocation, metadata } = provenance({ options });
  assert.deepEqual(invocation, {
    configSource: { entryPoint: 'x.Dockerfile' },
    parameters: {
      frontend: 'dockerfile.v0',
      args: { 'build-arg:A': '1', 'build-arg:B': '2', 'context:more': 'local:more', target: 't' },
      locals: [{ name: 'context' }, { name: 'dockerfile' }, { name: 'more' }],
    },
    environment: { platform: 'linux/arm64' },
  });
  assert.deepEqual(metadata?.['https://mobyproject.org/buildkit@v1#metadata'], { vcs: { revision: 'abc' } });
});

test('a context that is elsewhere is named, and none of the folders', () => {
  const { invocation } = provenance({ options: { context: 'https://git.example/a.git#main' } });
  assert.deepEqual(invocation, {
    configSource: { uri: 'https://git.example/a.git#main', entryPoint: 'Dockerfile' },
    parameters: { frontend: 'dockerfile.v0', args: {} },
    environment: { platform: 'linux/arm64' },
  });
});

test('images, secrets and agents', () => {
  const image = { platform: 'linux/amd64', digest: 'sha256:12' };
  const sources = {
    images: ['busybox', 'reg.example:5000/a/b', `debian:12@sha256:${'0'.repeat(64)}`].map((reference) => ({
      ...image,
      reference,
    })),
    secrets: [
      { id: 'a', required: true },
      { id: 'b', required: false },
    ],
    agents: [{ id: 'default', required: false }],
  };
  const { materials, invocation } = provenance({ sources });
  const urls = ['busybox@latest', 'reg.example:5000/a/b@latest', 'debian@12'];
  assert.deepEqual(
    materials,
    urls.map((url) => ({ uri: `pkg:docker/${url}?platform=linux%2Famd64`, digest: { sha256: '12' } })),
  );
  const { secrets, ssh } = Object(invocation?.['parameters']) as Record<string, unknown>;
  assert.deepEqual([secrets, ssh], [[{ id: 'a' }, { id: 'b', optional: true }], [{ id: 'default', optional: true }]]);
});

test('the Dockerfile goes along', () => {
  const dockerfile = { name: 'Dockerfile', text: 'FROM a\n' };
  const { metadata } = provenance({ dockerfile });
  assert.deepEqual(metadata?.['https://mobyproject.org/buildkit@v1#metadata'], {
    source: { infos: [{ filename: 'Dockerfile', language: 'Dockerfile', data: 'RlJPTSBhCg==' }] },
  });
});
