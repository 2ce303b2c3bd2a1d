import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidInstruction } from './invalid-instruction.ts';
import { unknownFlag } from './unknown-flag.ts';

const { reports } = dockerfile();

test('what the builder refuses and nobody explains', () => {
  const message = 'VOLUME specified can not be an empty string';
  reports(invalidInstruction([]), 'FROM a\nVOLUME «["a", ""]»', message);
});

test('volumes that are empty when they are expanded', () => {
  const message = 'VOLUME specified can not be an empty string';
  reports(invalidInstruction([]), 'FROM scratch\nVOLUME /a «$x»', message);
  reports(invalidInstruction([]), 'FROM scratch\nVOLUME ["/a", «"$x"»]', message);
  reports(invalidInstruction([]), 'FROM scratch\nVOLUME «""»', message);
  reports(invalidInstruction([]), 'FROM a\nARG x\nVOLUME $x $HOME\nENV y=/y\nVOLUME ["$y"]');
});

test('what another rule explains is not said twice', () => {
  reports(invalidInstruction([]), 'FROM a\nCOPY «--chwn=1» a b', 'unknown flag: --chwn (did you mean chown?)');
  reports(invalidInstruction([unknownFlag]), 'FROM a\nCOPY --chwn=1 a b');
});

test('unknown words and devices are none of its business', () => {
  reports(invalidInstruction([]), 'FROM a\nFOO b\nRUN --device=x y');
});
