import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanSize, layerProgress, layerStatus, progressBar } from './progress.ts';

test('sizes are those of Docker: four digits, decimal units', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0B'],
    [512, '512B'],
    [999, '999B'],
    [1000, '1kB'],
    [36_445, '36.45kB'],
    [1_080_080, '1.08MB'],
    [188_862_883, '188.9MB'],
    [3_200_000_000, '3.2GB'],
  ];
  for (const [bytes, text] of cases) assert.equal(humanSize(bytes), text);
});

test('bars are those that dockerd sends', () => {
  assert.equal(progressBar(36_445, 1_080_080), '[=>                                                 ]  36.45kB/1.08MB');
  assert.equal(progressBar(1_080_080, 1_080_080), `[${'='.repeat(50)}>]   1.08MB/1.08MB`);
  assert.equal(progressBar(2048, 3), `[${'='.repeat(50)}>]  2.048kB`, 'more than was announced');
  assert.equal(progressBar(512, 0), '    512B', 'nothing was announced');
});

test('messages of a layer', () => {
  assert.deepEqual(layerStatus('abc', 'Pull complete'), { status: 'Pull complete', progressDetail: {}, id: 'abc' });
  const { progress, ...rest } = layerProgress('abc', 'Downloading', 1, 2);
  assert.deepEqual(rest, { status: 'Downloading', progressDetail: { current: 1, total: 2 }, id: 'abc' });
  assert.match(String(progress), /^\[=+> +\] +1B\/2B$/);
});
