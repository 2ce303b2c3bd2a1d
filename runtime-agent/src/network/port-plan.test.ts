import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPorts, planPorts, type PortsInput } from './port-plan.ts';

const input = (wishes: Partial<PortsInput>): PortsInput => ({
  exposedPorts: [],
  portBindings: {},
  publishAllPorts: false,
  ...wishes,
});

test('a binding without an address is for both families; fixed ports come first', () => {
  const portBindings = { '90/udp': [{}], '80': [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '81-83' }] };
  const common = { protocol: 'tcp', containerPort: 80 };
  assert.deepEqual(planPorts(input({ portBindings }), undefined), [
    { ...common, hostIps: ['0.0.0.0', '::'], firstPort: 8080, lastPort: 8080 },
    { ...common, hostIps: ['127.0.0.1'], firstPort: 81, lastPort: 83 },
    { protocol: 'udp', containerPort: 90, hostIps: ['0.0.0.0', '::'], firstPort: 0, lastPort: 0 },
  ]);
});

test('the network may say where ports are published', () => {
  const portBindings = { '80/tcp': [{}] };
  assert.deepEqual(planPorts(input({ portBindings }), '10.0.0.1')[0]?.hostIps, ['10.0.0.1']);
  assert.deepEqual(planPorts(input({ portBindings }), '0.0.0.0')[0]?.hostIps, ['0.0.0.0', '::']);
  const bracketed = input({ portBindings: { '80/tcp': [{ HostIp: '[::1]' }] } });
  assert.deepEqual(planPorts(bracketed, undefined)[0]?.hostIps, ['::1']);
});

test('publishing all takes what is exposed and not bound', () => {
  const request = input({
    exposedPorts: ['80/tcp', '99/udp'],
    portBindings: { '80/tcp': [{ HostPort: '1' }], '70/tcp': null },
    publishAllPorts: true,
  });
  const specs = planPorts(request, undefined).map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  assert.deepEqual(specs, ['80/tcp', '70/tcp', '99/udp']);
  assert.deepEqual(allPorts(request), ['70/tcp', '80/tcp', '99/udp']);
});

test('exposed is whatever an image says; what is no port is shown so, and never published', () => {
  const exposedPorts = ['80/tcp', '8000-8010/tcp', 'web', '70000/udp', '53/foo', '/tcp', ''];
  const request = input({ exposedPorts, publishAllPorts: true });
  assert.deepEqual(allPorts(request), ['0/0', '0/tcp', '0/udp', '53/0', '80/tcp']);
  assert.deepEqual(
    planPorts(request, undefined).map(({ containerPort }) => containerPort),
    [80],
  );
});

test('what cannot be is refused by name', () => {
  const rows: [Record<string, { HostIp?: string; HostPort?: string }[]>, RegExp][] = [
    [{ '80/tcp': [{ HostPort: '99999' }] }, /^invalid port specification: "99999"$/],
    [{ '80/tcp': [{ HostPort: '9-8' }] }, /^invalid port specification: "9-8"$/],
    [{ '80/tcp': [{ HostPort: 'web' }] }, /^invalid port specification: "web"$/],
    [{ '80/tcp': [{ HostIp: 'zz' }] }, /^invalid IP address: zz$/],
    [{ '0/tcp': [{}] }, /^invalid port specification: "0"$/],
    [{ '80/foo': [{}] }, /unknown protocol foo/],
  ];
  for (const [portBindings, words] of rows) {
    assert.throws(
      () => planPorts(input({ portBindings }), undefined),
      (error: Error) => words.test(error.message),
    );
  }
});
