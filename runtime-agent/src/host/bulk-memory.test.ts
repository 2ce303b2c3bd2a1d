import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { createBulkMemory } from './bulk-memory.ts';

const LESS_OFTEN = '--heap-growing-percent=400';
const AS_V8_CHOOSES = '--heap-growing-percent=0';

test('the first stream has the heap grow, the last one that ends has it as before', () => {
  const flags: string[] = [];
  const collectLessOften = createBulkMemory((flag) => flags.push(flag));
  const first = collectLessOften();
  const second = collectLessOften();
  assert.deepEqual(flags, [LESS_OFTEN]);
  first[Symbol.dispose]();
  first[Symbol.dispose](); // counts once
  assert.deepEqual(flags, [LESS_OFTEN]);
  second[Symbol.dispose]();
  assert.deepEqual(flags, [LESS_OFTEN, AS_V8_CHOOSES]);
  collectLessOften()[Symbol.dispose]();
  assert.deepEqual(flags, [LESS_OFTEN, AS_V8_CHOOSES, LESS_OFTEN, AS_V8_CHOOSES]);
});

test('the V8 of this Node knows the settings', () => {
  // setFlagsFromString() ignores what V8 does not know; the command line does not.
  for (const flag of [LESS_OFTEN, AS_V8_CHOOSES]) execFileSync(process.execPath, [flag, '--eval', '0']);
});
