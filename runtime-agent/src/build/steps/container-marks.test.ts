import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SAME_IDS } from '../../host/id-mapping.ts';
import { CONTAINER_MARKS, makeContainerMarks } from './container-marks.ts';
import { watchMountPoints } from './mount-points.ts';

let root = '';
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'slipway-marks-'))));
afterEach(() => rmSync(root, { recursive: true }));
const at = (name: string): string => path.join(root, name);

test('they are there while a step runs, and not after it', () => {
  const points = watchMountPoints(root, CONTAINER_MARKS);
  makeContainerMarks(root, SAME_IDS);
  assert.equal(lstatSync(at('.dockerenv')).mode & 0o777, 0o755);
  assert.equal(readlinkSync(at('etc/mtab')), '/proc/mounts');
  points.removeMade();
  assert.deepEqual(
    ['.dockerenv', 'etc'].map((name) => existsSync(at(name))),
    [false, false],
  );
});

test('what an image has stays as it is, and what a step makes of them is its own', () => {
  writeFileSync(at('.dockerenv'), 'of the image');
  const points = watchMountPoints(root, CONTAINER_MARKS);
  makeContainerMarks(root, SAME_IDS);
  unlinkSync(at('etc/mtab'));
  symlinkSync('../proc/self/mounts', at('etc/mtab'));
  points.removeMade();
  assert.deepEqual(
    [readFileSync(at('.dockerenv'), 'utf8'), readlinkSync(at('etc/mtab'))],
    ['of the image', '../proc/self/mounts'],
  );
});
