import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from '#model/engine-api/errors.ts';
import { resolveUser } from './user.ts';

const accounts = {
  passwd:
    'root:x:0:0:root:/root:/bin/sh\n# comment\nuser:x:1000:1001::/home/user:/bin/sh\nbroken line\n5:x:77:78::/five:\n',
  group: 'root:x:0:root\nbin:x:1:root,bin\naudio:x:29:user\nstaff:x:50:\nuser:x:1001:\n',
};
const none = { passwd: undefined, group: undefined };

test('users and groups by name and number', () => {
  assert.deepEqual(resolveUser('', [], accounts), { uid: 0, gid: 0, groups: [0, 1], home: '/root' });
  assert.deepEqual(resolveUser('user', [], accounts), { uid: 1000, gid: 1001, groups: [1001, 29], home: '/home/user' });
  assert.deepEqual(resolveUser('1000', [], accounts), { uid: 1000, gid: 1001, groups: [1001, 29], home: '/home/user' });
  assert.deepEqual(resolveUser('user:staff', [], accounts), { uid: 1000, gid: 50, groups: [50], home: '/home/user' });
  assert.deepEqual(resolveUser('4242', [], accounts), { uid: 4242, gid: 0, groups: [0], home: '/' });
  assert.deepEqual(resolveUser('4242:4243', [], accounts), { uid: 4242, gid: 4243, groups: [4243], home: '/' });
  assert.deepEqual(resolveUser(':staff', [], accounts).gid, 50);
  assert.equal(resolveUser('5', [], accounts).uid, 77, 'a name made of digits wins over a number');
});

test('more groups, by name and number, each once', () => {
  assert.deepEqual(resolveUser('user', ['audio', '777', '777'], accounts).groups, [1001, 29, 777]);
});

test('a container without account files takes numbers only', () => {
  assert.deepEqual(resolveUser('', [], none), { uid: 0, gid: 0, groups: [0], home: '/' });
  assert.deepEqual(resolveUser('7:8', ['9'], none), { uid: 7, gid: 8, groups: [8, 9], home: '/' });
  assert.throws(() => resolveUser('app', [], none), {
    code: 'internal',
    message: 'unable to find user app: no matching entries in passwd file',
  });
  assert.throws(() => resolveUser('0:app', [], none), {
    message: 'unable to find group app: no matching entries in group file',
  });
  for (const id of ['-1', '0:-1']) {
    assert.throws(() => resolveUser(id, [], none), { message: 'uids and gids must be in range 0-2147483647' });
  }
  assert.throws(() => resolveUser('4294967295', [], none), { message: 'uids and gids must be in range 0-2147483647' });
});

test('any text gives ids in range or an EngineError', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (spec, passwd, group) => {
      try {
        const { uid, gid } = resolveUser(spec, [], { passwd, group });
        assert.ok(Number.isInteger(uid) && Number.isInteger(gid));
      } catch (error) {
        assert.ok(error instanceof EngineError);
      }
    }),
  );
});
