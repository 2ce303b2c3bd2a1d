import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExports } from './exports.ts';

test('exporters: what is kept under which names, and what the client takes', () => {
  assert.deepEqual(readExports([]), { tags: [], keepImage: false, outputs: [], taken: new Map() });
  const { tags, keepImage } = readExports([{ Type: 'moby', Attrs: { name: 'a,b:1' } }]);
  assert.deepEqual([tags, keepImage], [['a', 'b:1'], true]);
  const files = readExports([{ Type: 'local' }, { Type: 'tar' }]);
  assert.equal(files.keepImage, false);
  assert.deepEqual(
    [...files.taken],
    [
      ['0', 'folder'],
      ['1', 'file'],
    ],
  );
  assert.deepEqual(readExports([{ Type: 'docker', Attrs: { name: 'x' } }]).outputs, [{ name: '0', kind: 'image' }]);
});

test('exporters that are not there are refused', () => {
  assert.throws(() => readExports([{ Type: 'unknown' }]), /exporter "unknown" could not be found/);
  assert.throws(() => readExports([{ Type: 'image', Attrs: { push: 'true' } }]), /does not push while it builds/);
});
