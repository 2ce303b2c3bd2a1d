import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amd64Level } from './amd64-level.ts';

const V2 = 'cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3';
const V3 = 'avx avx2 bmi1 bmi2 f16c fma abm movbe xsave';
const V4 = 'avx512f avx512bw avx512cd avx512dq avx512vl';
const cpu = (...flags: string[]): string => `processor\t: 0\nflags\t\t: fpu vme ${flags.join(' ')}\nbugs\t\t:\n`;

test('a level needs its own flags and those of the levels below', () => {
  assert.equal(amd64Level(cpu()), undefined);
  assert.equal(amd64Level(cpu(V2)), 'v2');
  assert.equal(amd64Level(cpu(V2, V3)), 'v3');
  assert.equal(amd64Level(cpu(V2, V3, V4)), 'v4');
  assert.equal(amd64Level(cpu(V3, V4)), undefined);
  assert.equal(amd64Level(cpu(V2, V3.replace('fma ', ''), V4)), 'v2');
});

test('a processor of another kind has none', () => {
  assert.equal(amd64Level('processor\t: 0\nFeatures\t: fp asimd\n'), undefined);
  assert.equal(amd64Level(''), undefined);
});
