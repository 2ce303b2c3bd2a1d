import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEnvFile } from './env-file.ts';

function read(text: string): unknown {
  return parseEnvFile(text).map(({ name, value, nameSpan }) => {
    assert.equal(text.slice(nameSpan.start, nameSpan.end), name);
    return [name, value];
  });
}

test('values plain, quoted, exported and commented', () => {
  assert.deepEqual(read('# c\nA=1\nexport B = two # x\nC="a #b\\n" # x\nD=\'$x\'\n\nE=\nF\nG: y\nH=a#b\n'), [
    ['A', '1'],
    ['B', 'two'],
    ['C', 'a #b\n'],
    ['D', '$x'],
    ['E', ''],
    ['F', undefined],
    ['G', 'y'],
    ['H', 'a#b'],
  ]);
});

test('quoted values run over lines, unclosed quotes do not', () => {
  assert.deepEqual(read('A="1\n2"\nB="3\nC=4'), [
    ['A', '1\n2'],
    ['B', '"3'],
    ['C', '4'],
  ]);
});

test('any text is read to its end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('A', '=', '"', "'", '\n', '#', ' ', '\\', 'export ', ':')),
      (p) => void read(p.join('')),
    ),
  );
});
