import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseModeChange } from './mode-change.ts';

const apply = (text: string, mode: number, isDirectory = false): string =>
  parseModeChange(text).apply(mode, isDirectory).toString(8);

test('octal modes replace', () => {
  assert.equal(apply('755', 0o600), '755');
  assert.equal(apply('4755', 0o600), '4755');
  assert.equal(apply('0', 0o777), '0');
  assert.equal(apply('01777', 0), '1777');
});

test('symbolic modes change', () => {
  assert.equal(apply('u+x', 0o644), '744');
  assert.equal(apply('+x', 0o644), '755');
  assert.equal(apply('a-w', 0o666), '444');
  assert.equal(apply('go=', 0o777), '700');
  assert.equal(apply('u=rwX,go=rX', 0o600), '644');
  assert.equal(apply('u=rwX,go=rX', 0o700), '755');
  assert.equal(apply('go+X', 0o600, true), '611');
  assert.equal(apply('g=u', 0o740), '770');
  assert.equal(apply('o=g', 0o750), '755');
  assert.equal(apply('u+s,+t', 0o755), '5755');
  assert.equal(apply('u-x+r', 0o300), '600');
  assert.equal(apply('g=rx,g-x', 0o777), '747');
});

test('anything else is refused', () => {
  for (const text of ['', 'x', 'u', 'u+z', '+x,', 'u+x;']) {
    const message = `invalid chmod parameter: '${text}': invalid syntax`;
    assert.throws(() => parseModeChange(text), { code: 'invalid', message });
  }
  for (const text of ['999', '64a', '7777777']) {
    const message = `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`;
    assert.throws(() => parseModeChange(text), { code: 'invalid', message });
  }
});

test('as chmod(1) does it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-mode-'));
  const file = path.join(folder, 'f');
  writeFileSync(file, '');
  const clause = fc
    .tuple(
      fc.constantFrom('u', 'g', 'o', 'a', 'ug', 'go'),
      fc.constantFrom('+', '-', '='),
      fc.constantFrom('r', 'w', 'x', 'rw', 'rX', 'X', 's', 'u', 'g', ''),
    )
    .map((parts) => parts.join(''));
  const clauses = fc.array(clause, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
  try {
    fc.assert(
      fc.property(clauses, fc.integer({ min: 0, max: 0o777 }), (text, mode) => {
        chmodSync(file, mode);
        execFileSync('chmod', [text, file]);
        assert.equal(apply(text, mode), (statSync(file).mode & 0o7777).toString(8), `${text} of ${mode.toString(8)}`);
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
