import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidSignal } from './invalid-signal.ts';

const { reports, fixes } = dockerfile();

test('signals', () => {
  reports(invalidSignal, 'FROM a\nSTOPSIGNAL «SIGFOO9»', 'invalid signal: SIGFOO9');
  reports(invalidSignal, 'FROM a\nSTOPSIGNAL «SIGTREM»', 'invalid signal: SIGTREM (did you mean SIGTERM?)');
  for (const signal of ['SIGTERM', 'quit', '9', '"SIGINT"', '${S:-9}', 'SIGRTMIN+3', 'RTMAX-1']) {
    reports(invalidSignal, `FROM a\nSTOPSIGNAL ${signal}`);
  }
  reports(invalidSignal, 'FROM a\nARG S\nSTOPSIGNAL $S');
  reports(invalidSignal, 'FROM a\nARG S=SIGFOO9\nSTOPSIGNAL «$S»', 'invalid signal: SIGFOO9');
  reports(invalidSignal, 'FROM debian\nSTOPSIGNAL «${S:-SIGFOO9}»', 'invalid signal: SIGFOO9');
  reports(invalidSignal, 'FROM a\nENV S=KILL\nSTOPSIGNAL SIG$S\nONBUILD STOPSIGNAL $T');
  reports(invalidSignal, 'FROM a\nSTOPSIGNAL «$S»', 'invalid signal: the variable is empty');
  fixes(invalidSignal, 'FROM a\nSTOPSIGNAL SIGTREM', 'FROM a\nSTOPSIGNAL SIGTERM');
});
