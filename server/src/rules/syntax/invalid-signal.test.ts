import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidSignal } from './invalid-signal.ts';

const { reports, fixes } = dockerfile();

test('signals', () => {
  reports(invalidSignal, 'FROM a\nSTOPSIGNAL «SIGFOO9»', 'invalid signal: SIGFOO9');
  reports(invalidSignal, 'FROM a\nSTOPSIGNAL «SIGTREM»', 'invalid signal: SIGTREM (did you mean SIGTERM?)');
  for (const signal of ['SIGTERM', 'quit', '9', '"SIGINT"', '$S', 'SIGRTMIN+3', 'RTMAX-1']) {
    reports(invalidSignal, `FROM a\nSTOPSIGNAL ${signal}`);
  }
  fixes(invalidSignal, 'FROM a\nSTOPSIGNAL SIGTREM', 'FROM a\nSTOPSIGNAL SIGTERM');
});
