import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localShell } from '../local-shell.ts';
import { parseMarked, runMarked } from './marked-output.ts';

test('only the lines between the markers count', () => {
  const answers = parseMarked('Welcome!\nkey==noise\n\nm-begin\na==1\nchatter\na==2=3\r\nb==\nm-end\nb==late\n', 'm');
  assert.deepEqual(
    [...(answers ?? [])],
    [
      ['a', ['1', '2=3']],
      ['b', ['']],
    ],
  );
});

test('a cut answer is no answer', () => {
  assert.equal(parseMarked('m-begin\na==1\n', 'm'), undefined);
  assert.equal(parseMarked('', 'm'), undefined);
});

test('what a script says comes back, also when it exits early', async () => {
  const answers = await runMarked(localShell(), 'say greeting "it\'s me"; echo noise; say n 1; exit 3; say n 2');
  assert.deepEqual(
    [...answers],
    [
      ['greeting', ["it's me"]],
      ['n', ['1']],
    ],
  );
});

test('a host that runs no script: its own words are in the error', async () => {
  const shell = { run: async () => ({ code: 1, stdout: '', stderr: 'This account is not available.' }) };
  await assert.rejects(runMarked(shell, 'true'), { code: 'unavailable', message: /This account is not available/ });
});

test('no output makes reading it fail', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('m-begin', 'm-end', 'a==1', '==', 'x', '')), (lines) => {
      const answers = parseMarked(lines.join('\n'), 'm');
      for (const [key, values] of answers ?? []) assert.deepEqual([key, [...new Set(values)]], ['a', ['1']]);
    }),
  );
});
