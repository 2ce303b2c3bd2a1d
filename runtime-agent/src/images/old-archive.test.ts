import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oldImages } from './old-archive.ts';

const [BOTTOM, TOP] = ['1'.repeat(64), '2'.repeat(64)] as const;
const v1 = (id: string, more: object): string =>
  JSON.stringify({
    id,
    created: '2015-06-01T12:00:00Z',
    container_config: { Cmd: ['/bin/sh', '-c', '#(nop) CMD ["a<b"]'] },
    docker_version: '1.9.1',
    config: { Cmd: ['sh'] },
    architecture: 'amd64',
    os: 'linux',
    Size: 5,
    ...more,
  });

function images(documents: Readonly<Record<string, string>>, repositories: object) {
  const added = new Map<string, string>();
  const found = oldImages(
    {
      read: (name) => documents[name],
      diffId: (name) => `sha256:${name.slice(0, 1).repeat(64)}`,
      add: (name, text) => void added.set(name, text),
    },
    JSON.stringify(repositories),
  );
  return { found, added };
}

test('images get the configurations that Docker makes of theirs', () => {
  const documents = {
    [`${BOTTOM}/json`]: v1(BOTTOM, { author: 'me' }),
    [`${TOP}/json`]: v1(TOP, { parent: BOTTOM, comment: 'made' }),
  };
  const { found, added } = images(documents, { app: { one: TOP, two: TOP }, base: { one: BOTTOM } });
  assert.deepEqual(found, [
    {
      config: `${TOP}/config`,
      tags: ['app:one', 'app:two'],
      layers: [`${BOTTOM}/layer.tar`, `${TOP}/layer.tar`],
    },
    { config: `${BOTTOM}/config`, tags: ['base:one'], layers: [`${BOTTOM}/layer.tar`] },
  ]);
  const created = '"created":"2015-06-01T12:00:00Z"';
  const command = '/bin/sh -c #(nop) CMD [\\"a\\u003cb\\"]';
  assert.equal(
    added.get(`${TOP}/config`),
    `{"architecture":"amd64","comment":"made","config":{"Cmd":["sh"]},"container_config":{"Cmd":["/bin/sh","-c",` +
      `"#(nop) CMD [\\"a\\u003cb\\"]"]},${created},"docker_version":"1.9.1","history":[{${created},"author":"me",` +
      `"created_by":"${command}"},{${created},"created_by":"${command}","comment":"made"}],"os":"linux","rootfs":` +
      `{"type":"layers","diff_ids":["sha256:${'1'.repeat(64)}","sha256:${'2'.repeat(64)}"]}}`,
  );
});

test('what is not there, and what is no such archive, is said', () => {
  const circle = { [`${TOP}/json`]: v1(TOP, { parent: TOP }) };
  for (const [documents, repositories, message] of [
    [{}, { a: { b: TOP } }, `the archive lacks ${TOP}/json`],
    [{}, { a: { b: '../../etc' } }, 'the repositories of the archive is malformed'],
    [{}, [], 'the repositories of the archive is malformed'],
    [{ [`${TOP}/json`]: 'nope' }, { a: { b: TOP } }, `the ${TOP}/json of the archive is malformed`],
    [circle, { a: { b: TOP } }, `the parents of ${TOP} in the archive have no end`],
  ] as const) {
    assert.throws(() => images(documents, repositories), { code: 'invalid', message });
  }
  assert.deepEqual(images({}, {}).found, []);
});
