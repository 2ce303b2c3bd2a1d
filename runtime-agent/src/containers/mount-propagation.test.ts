import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPropagation } from './mount-propagation.ts';

const MOUNTINFO = [
  '20 1 8:1 / / rw,relatime - ext4 /dev/sda rw',
  '21 20 0:5 / /srv/a\\040b rw shared:7 - tmpfs t rw',
  '22 20 0:6 / /mnt rw master:7 - tmpfs t rw',
  '',
].join('\n');

const check = (path: string, propagation: string): void => checkPropagation(path, propagation, MOUNTINFO);

test('what is not shared on the host cannot be shared with a container', () => {
  check('/srv/a b/deep', 'rshared');
  check('/srv/a b', 'rslave');
  check('/mnt/x', 'slave');
  check('/srv/a', 'rprivate');
  check('/srv/a', '');
  assert.throws(() => check('/srv/a', 'rshared'), {
    message: 'path /srv/a is mounted on / but it is not a shared mount',
  });
  assert.throws(() => check('/mnt', 'shared'), {
    message: 'path /mnt is mounted on /mnt but it is not a shared mount',
  });
  assert.throws(() => check('/x', 'slave'), {
    message: 'path /x is mounted on / but it is not a shared or slave mount',
  });
});
