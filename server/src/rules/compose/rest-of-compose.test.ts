import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { duplicateMountTarget } from './duplicate-mount-target.ts';
import { invalidHostIp } from './host-ip.ts';
import { noVersionField } from './no-version-field.ts';
import { watchTarget } from './watch-rules.ts';

const { reports, fixes } = compose();

test('two things at one path', () => {
  const message = 'services.a: duplicate mount point /x';
  reports(duplicateMountTarget, 'services: {a: {volumes: ["./b:/x", "./c:«/x/»"]}}\n', message);
  reports(
    duplicateMountTarget,
    'services: {a: {volumes: [{type: tmpfs, target: /x}], tmpfs: «"/x:size=1"»}}\n',
    message,
  );
  reports(duplicateMountTarget, 'services: {a: {volumes: ["./b:/x", "./c:/x/y"]}}\n');
});

test('the version', () => {
  const message =
    'the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion';
  reports(noVersionField, '«version: "3"»\nservices: {}\n', message);
  fixes(noVersionField, 'version: "3"\nservices: {}\n', 'services: {}\n');
});

test('watched files', () => {
  const message = 'services.a.develop.watch: target is required for non-rebuild actions';
  reports(
    watchTarget,
    'services: {a: {develop: {watch: [{path: ., action: «sync»}, {path: ., action: rebuild}]}}}\n',
    message,
  );
  reports(
    watchTarget,
    'services: {a: {develop: {watch: [{path: «" "», action: rebuild}]}}}\n',
    "services.a.develop.watch: value can't be blank",
  );
});

test('addresses of ports', () => {
  const ports = (ip: string): string => `services: {a: {ports: [{target: 1, host_ip: ${ip}}]}}\n`;
  reports(invalidHostIp, ports('«abc»'), 'services.a.ports: invalid ip address: abc');
  for (const ip of ['127.0.0.1', '"::1"', '"fe80::1%eth0"', '$IP']) reports(invalidHostIp, ports(ip));
});
