import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilitiesOf, capabilitySets, containerCapabilities } from './capabilities.ts';

const ALL = capabilitiesOf((1n << 41n) - 1n);
const choose = (add: string[], drop: string[] = [], available = ALL): string[] =>
  containerCapabilities({ add, drop, privileged: false }, available);
/** As CapEff of /proc/PID/status shows it. */
const mask = (names: readonly string[]): string =>
  names
    .reduce((sum, name) => sum | (1n << BigInt(ALL.indexOf(name))), 0n)
    .toString(16)
    .padStart(16, '0');

test('the default set is Docker’s', () => {
  assert.equal(ALL.length, 41);
  assert.equal(ALL[21], 'CAP_SYS_ADMIN');
  assert.equal(mask(choose([])), '00000000a80425fb');
});

test('adding and dropping', () => {
  assert.equal(mask(choose([], ['ALL'])), '0000000000000000');
  assert.equal(mask(choose(['NET_ADMIN'], ['ALL'])), '0000000000001000');
  assert.equal(mask(choose(['cap_sys_time'])), '00000000aa0425fb');
  assert.deepEqual(choose(['ALL']), ALL);
  assert.deepEqual(
    choose(['ALL'], ['SYS_ADMIN']),
    ALL.filter((name) => name !== 'CAP_SYS_ADMIN'),
  );
  assert.ok(!choose([], ['CHOWN']).includes('CAP_CHOWN'));
  assert.throws(() => choose(['BOGUS']), {
    code: 'invalid',
    message: 'invalid CapAdd: unknown capability: "CAP_BOGUS"',
  });
  assert.throws(() => choose([], ['x']), { message: 'invalid CapDrop: unknown capability: "CAP_X"' });
});

test('privileged gives all that the engine has, and nobody gets more by default', () => {
  const some = ['CAP_CHOWN', 'CAP_SYS_ADMIN'];
  assert.deepEqual(containerCapabilities({ add: [], drop: [], privileged: true }, some), some);
  assert.deepEqual(choose([], [], some), ['CAP_CHOWN']);
  assert.deepEqual(
    choose(['SYS_TIME'], [], some),
    ['CAP_CHOWN', 'CAP_SYS_TIME'],
    'asked for by name: runc says what is wrong',
  );
});

test('nothing is inherited', () => {
  const sets = capabilitySets(['CAP_KILL']);
  assert.deepEqual([sets.bounding, sets.inheritable, sets.ambient], [['CAP_KILL'], [], []]);
});
