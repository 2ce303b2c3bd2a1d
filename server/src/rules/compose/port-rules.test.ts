import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { duplicateContainerName, duplicatePublishedPort, quotedPorts, unboundPort } from './port-rules.ts';

const { reports, fixes } = compose();
const two = (a: string, b: string): string => `services: {a: {ports: [${a}]}, b: {ports: [${b}]}}\n`;

test('a port of the host twice', () => {
  const message = "port 80/tcp of the host is already published by service 'a'";
  reports(duplicatePublishedPort, two('"80:80"', '«"80:81"»'), message);
  reports(duplicatePublishedPort, two('"127.0.0.1:80:80"', '{target: 1, published: «"80"»}'), message);
  reports(duplicatePublishedPort, two('"70-90:70-90"', '«"80:81"»'), message);
  reports(duplicatePublishedPort, two('"80"', '«80:81»'), message);
  reports(
    duplicatePublishedPort,
    two('"80:80", "80:80/udp", "127.0.0.1:82:80", "10.0.0.1:82:80"', '"81", "$P:80", "$P:81"'),
  );
  reports(
    duplicatePublishedPort,
    'services: {a: {ports: ["80:80"], profiles: [x]}, b: {ports: ["80:80"], profiles: [y]}}\n',
  );
});

test('a container name twice', () => {
  const message = "container name 'ab' is already used by service 'a'";
  reports(duplicateContainerName, 'services: {a: {container_name: ab}, b: {container_name: «ab»}}\n', message);
});

test('ports on all interfaces', () => {
  const message = (port: string): string =>
    `port ${port} is open on all network interfaces: put an address before it, for example 127.0.0.1`;
  const text = 'services: {a: {ports: [«"80:80"», "127.0.0.1:81:80", «"90"», "$A:1:2", "[::1]:1:2", «{target: 5}»]}}\n';
  reports(unboundPort, text, message('80:80'), message('90'), message('5'));
  fixes(unboundPort, 'services: {a: {ports: [80:80]}}\n', "services: {a: {ports: ['127.0.0.1:80:80']}}\n");
});

test('ports without quotes', () => {
  const message = 'ports should be in single quotes';
  const text =
    'services:\n  a:\n    ports:\n      - «22:22»\n      - «80»\n      - «"81:81"»\n      - \'82\'\n    expose: [«5»]\n';
  reports(quotedPorts, text, message, message, message, message);
  fixes(quotedPorts, 'services: {a: {ports: [22:22]}}\n', "services: {a: {ports: ['22:22']}}\n");
});
