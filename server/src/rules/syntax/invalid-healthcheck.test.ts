import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidHealthcheck } from './invalid-healthcheck.ts';

const { reports, fixes } = dockerfile();

test('what is checked, and with what', () => {
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK «curl» x', 'Unknown type "CURL" in HEALTHCHECK (try CMD)');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK «CMD»', 'Missing command after HEALTHCHECK CMD');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK «CMD» []', 'Missing command after HEALTHCHECK CMD');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK NONE «now then»', 'HEALTHCHECK NONE takes no arguments');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK cmd x\nHEALTHCHECK none');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK --interval=3 --retries=-1 NONE');
  fixes(invalidHealthcheck, 'FROM a\nHEALTHCHECK curl x', 'FROM a\nHEALTHCHECK CMD curl x');
});

test('durations and retries', () => {
  const check = (flag: string, message: string): void =>
    reports(invalidHealthcheck, `FROM a\nHEALTHCHECK --${flag} CMD a`, message);
  check('interval=«1»', 'time: missing unit in duration "1"');
  check('timeout=«abc»', 'time: invalid duration "abc"');
  check('start-period=«1x»', 'time: unknown unit "x" in duration "1x"');
  check('start-interval=«1us»', 'Interval "start-interval" cannot be less than 1ms');
  check('interval=«-1s»', 'Interval "interval" cannot be less than 1ms');
  check('retries=«-1»', '--retries cannot be negative (-1)');
  check('retries=«many»', '--retries must be a number, not "many"');
  reports(invalidHealthcheck, 'FROM a\nHEALTHCHECK --interval=1h1m1.5s --timeout=0 --retries=3 CMD a');
});
