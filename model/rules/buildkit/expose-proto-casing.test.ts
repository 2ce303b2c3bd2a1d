import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { exposeProtoCasing } from './expose-proto-casing.ts';

const { reports, fixes } = dockerfile();

test('a protocol with capitals', () => {
  const message = "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase";
  reports(exposeProtoCasing, 'FROM a\nEXPOSE 80/«TCP» 81/udp 82', message);
  reports(exposeProtoCasing, 'FROM a\nEXPOSE "80/«TCP»"', message);
  fixes(exposeProtoCasing, 'EXPOSE 80/TCP 90-99/Udp', 'EXPOSE 80/tcp 90-99/udp');
});
