import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { exposeInvalidFormat } from './expose-invalid-format.ts';

const { reports, fixes } = dockerfile();

test('host ports and addresses', () => {
  const message = (port: string): string =>
    `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  reports(
    exposeInvalidFormat,
    'FROM a\nEXPOSE «8080:80» «127.0.0.1::81/tcp»',
    message('8080:80'),
    message('127.0.0.1::81/tcp'),
  );
  reports(exposeInvalidFormat, 'FROM a\nEXPOSE 80 ${PORT:-80}/tcp 80-90');
  fixes(exposeInvalidFormat, 'EXPOSE [::1]:80:81 8080:80/tcp', 'EXPOSE 81 80/tcp');
  reports(exposeInvalidFormat, 'FROM a\nEXPOSE «"8080:80"» "80"', message('8080:80'));
  fixes(exposeInvalidFormat, 'FROM a\nEXPOSE "8080:80"', 'FROM a\nEXPOSE 80');
});
