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
  reports(invalidPort, 'FROM a\nEXPOSE :80 1:2 80-81:90 [::1]:5:6 1.2.3.4::6/udp');
  reports(invalidPort, 'FROM a\nEXPOSE «$=B» $é $1', 'invalid containerPort: $=B');
  reports(invalidPort, 'FROM a\nEXPOSE «/tcp»', 'invalid port: "/tcp": no port specified');
  reports(invalidPort, 'FROM a\nEXPOSE «1.2.3.4:5»', 'invalid hostPort: 1.2.3.4');
  reports(invalidPort, 'FROM a\nEXPOSE «a.b:5:6»', 'invalid IP address: a.b');
  reports(invalidPort, 'FROM a\nEXPOSE «[::1]:5»', "invalid IP address [:: address [::: missing ']' in address");
  const ranges = 'invalid ranges specified for container and host Ports: 90-92 and 80-81';
  reports(invalidPort, 'FROM a\nEXPOSE «80-81:90-92»', ranges);
});
