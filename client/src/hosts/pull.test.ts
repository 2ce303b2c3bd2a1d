import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullProgress, splitReference } from './pull.ts';

test('a reference is split as the API wants it', () => {
  assert.deepEqual(splitReference('node'), { fromImage: 'node', tag: 'latest' });
  assert.deepEqual(splitReference('node:24'), { fromImage: 'node', tag: '24' });
  assert.deepEqual(splitReference('localhost:5000/a/b'), { fromImage: 'localhost:5000/a/b', tag: 'latest' });
  assert.deepEqual(splitReference('localhost:5000/a/b:1'), { fromImage: 'localhost:5000/a/b', tag: '1' });
  assert.deepEqual(splitReference('a@sha256:ff'), { fromImage: 'a', tag: 'sha256:ff' });
});

test('progress adds all layers up and never counts one twice', () => {
  const progress = pullProgress();
  assert.deepEqual(progress({ id: 'latest', status: 'Pulling from library/x' }), { text: 'Pulling from library/x' });
  assert.deepEqual(progress({ id: 'a', status: 'Pulling fs layer' }), { text: '0 of 1 layers' });
  progress({ id: 'b', status: 'Already exists' });
  assert.deepEqual(progress({ id: 'a', status: 'Downloading', progressDetail: { current: 25, total: 100 } }), {
    text: '1 of 2 layers',
    percent: 25,
  });
  assert.equal(progress({ id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 100 } })?.percent, 25);
  assert.equal(progress({ id: 'a', status: 'Download complete' })?.percent, 100);
  assert.deepEqual(progress({ id: 'a', status: 'Pull complete' }), { text: '2 of 2 layers', percent: 100 });
  assert.deepEqual(progress({ status: 'Status: Downloaded newer image' }), { text: 'Status: Downloaded newer image' });
});
