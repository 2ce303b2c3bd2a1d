import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidPort } from './invalid-port.ts';

const { reports } = dockerfile();

test('ports', () => {
  reports(
    invalidPort,
    'FROM a\nEXPOSE «99999» «abc» «80-70»',
    ...['99999', 'abc', '80-70'].map((p) => `invalid containerPort: ${p}`),
  );
  reports(invalidPort, 'FROM a\nEXPOSE 80/«foo»', 'invalid port: "80/foo": invalid proto: foo');
  reports(invalidPort, 'FROM a\nEXPOSE "80/«x»"', 'invalid port: "80/x": invalid proto: x');
  reports(invalidPort, `FROM a\nEXPOSE "80" '81/udp' «"a"»`, 'invalid containerPort: a');
  reports(invalidPort, 'FROM a\nEXPOSE 80 0 80-90/udp 53/SCTP $P ${P:-80}/tcp 127.0.0.1:80:80');
});
