import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linuxHost } from './linux.ts';
import { findIdMapping, subordinateRanges } from './subordinate-ids.ts';

test('ranges of a user by name and number follow one another; others and nonsense are passed over', () => {
  const table = 'other:1:2\nme:100000:1000\n# comment\nme:x:5\n\n1234:500000:24\nme:7:0\n';
  assert.deepEqual(subordinateRanges(table, { name: 'me', id: 1234 }), [
    { containerID: 0, hostID: 100_000, size: 1000 },
    { containerID: 1000, hostID: 500_000, size: 24 },
  ]);
  assert.deepEqual(subordinateRanges(table, { name: 'nobody', id: 99 }), []);
});

test('who is not there, or has no ids to give, is told', async () => {
  const refused = async (wanted: string, message: RegExp): Promise<void> =>
    await assert.rejects(findIdMapping(wanted, linuxHost), { code: 'invalid', message });
  await refused('no-such-user', /^userns-remap: there is no user no-such-user on this host$/);
  await refused('daemon:no-such-group', /there is no group no-such-group/);
  await refused('a:b:c', /expected default, USER or USER:GROUP/);
  await refused('daemon', /user daemon has no range in \/etc\/subuid: add a line such as daemon:100000:65536/);
  assert.equal((await findIdMapping('root', linuxHost)).ranges, undefined);
});
