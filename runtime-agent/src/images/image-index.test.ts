import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { parseReference } from '#model/oci/reference.ts';
import type { Database } from '../state/collection.ts';
import { openDatabase } from '../state/database.ts';
import { type ImageIndex, type ImageRecord, openImageIndex } from './image-index.ts';

const id = (prefix: string): string => `sha256:${prefix.padEnd(64, '0')}`;
let database: Database;
let index: ImageIndex;
beforeEach(() => {
  database = openDatabase(':memory:');
  index = openImageIndex(database);
});
afterEach(() => database[Symbol.dispose]());

function record(created: string): ImageRecord {
  const config = { architecture: 'amd64', os: 'linux', created, rootfs: { type: 'layers', diff_ids: [] } } as const;
  return { config, chainIds: [], size: 5 };
}

function put(prefix: string, created = '2024-01-01T00:00:00Z', ...names: string[]): string {
  index.put(id(prefix), record(created));
  for (const name of names) index.setName(parseReference(name), id(prefix));
  return id(prefix);
}

test('an image shows its names as people write them, tags apart from digests', () => {
  const digest = `sha256:${'d'.repeat(64)}`;
  const image = put('a', undefined, 'node:20', 'h:1/x', `node@${digest}`);
  assert.deepEqual(index.get(image)?.repoTags, ['node:20', 'h:1/x:latest']);
  assert.deepEqual(index.get(image)?.repoDigests, [`node@${digest}`]);
  assert.deepEqual(index.names(image), [
    'docker.io/library/node:20',
    `docker.io/library/node@${digest}`,
    'h:1/x:latest',
  ]);
  for (const name of ['node:20', `node@${digest}`, `node:20@${digest}`, `node:other@${digest}`, 'h:1/x', image]) {
    assert.equal(index.find(name)?.id, image, name);
  }
  assert.equal(index.find('node'), undefined);
  assert.equal(index.named(parseReference('node:20')), image);
});

test('a name moves, and both images show it', () => {
  const [one, two] = [put('a', undefined, 'x:1'), put('b')];
  assert.deepEqual(index.get(one)?.repoTags, ['x:1']);
  index.setName(parseReference('x:1'), two);
  assert.deepEqual([index.get(one)?.repoTags, index.get(two)?.repoTags], [[], ['x:1']]);
  index.deleteName('docker.io/library/x:1');
  assert.deepEqual(index.get(two)?.repoTags, []);
  assert.equal(index.find('x:1'), undefined);
});

test('prefixes have to be unambiguous, and a name wins over a prefix', () => {
  const [first, second] = [put('abc1'), put('abc2')];
  assert.equal(index.find('abc1')?.id, first);
  assert.equal(index.find('sha256:abc2')?.id, second);
  assert.equal(index.find('abc'), undefined);
  assert.equal(index.find(first.slice(7))?.id, first);
  index.setName(parseReference('abc1'), second);
  assert.equal(index.find('abc1')?.id, second);
});

test('lists are newest first', () => {
  put('1', '2024-01-01T00:00:00Z');
  put('2', '2025-01-01T00:00:00Z');
  put('3', 'nonsense');
  assert.deepEqual(
    index.list().map((image) => image.id),
    [id('2'), id('1'), id('3')],
  );
});

test('what is missing is said in words of Docker', () => {
  const refused = (name: string, message: string, code = 'not-found') =>
    assert.throws(() => index.resolve(name), { code, message });
  refused('nope', 'No such image: nope:latest');
  refused('h:5000/a:1', 'No such image: h:5000/a:1');
  refused(id('f'), `No such image: ${id('f')}`);
  refused(id('f').slice(7), `No such image: ${id('f')}`);
  refused('Bad', 'invalid reference format: repository name (library/Bad) must be lowercase', 'invalid');
});

test('the next engine knows the same', () => {
  const image = put('a', undefined, 'x:1', 'y:2');
  index.deleteName('docker.io/library/y:2');
  put('b');
  index.delete(id('b'));
  const again = openImageIndex(database);
  assert.deepEqual(again.list(), index.list());
  assert.deepEqual([again.list().length, again.get(image)?.repoTags], [1, ['x:1']]);
});
