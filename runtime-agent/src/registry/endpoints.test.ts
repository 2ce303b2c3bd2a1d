import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointsOf, isInsecure } from './endpoints.ts';

const NONE = { registryMirrors: [], insecureRegistries: [] };

test('the default registry has mirrors before it, others have none', () => {
  const options = {
    registryMirrors: ['http://127.0.0.1:5000', 'https://mirror.example/prefix/'],
    insecureRegistries: [],
  };
  assert.deepEqual(endpointsOf('docker.io', options), [
    { base: 'http://127.0.0.1:5000', insecure: true, mirror: true },
    { base: 'https://mirror.example/prefix', insecure: false, mirror: true },
    { base: 'https://registry-1.docker.io', insecure: false, mirror: false },
  ]);
  assert.deepEqual(endpointsOf('ghcr.io', options), [{ base: 'https://ghcr.io', insecure: false, mirror: false }]);
});

test('insecure registries may be reached without TLS', () => {
  assert.deepEqual(endpointsOf('localhost:5000', NONE), [
    { base: 'https://localhost:5000', plainBase: 'http://localhost:5000', insecure: true, mirror: false },
  ]);
});

test('loopback is insecure as in Docker, and what is configured is', () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1:5000', '127.9.9.9', '[::1]:5000'])
    assert.ok(isInsecure(host, []), host);
  for (const host of ['localhost.example', '128.0.0.1', 'a.127.0.0.1', 'docker.io'])
    assert.ok(!isInsecure(host, []), host);
  const configured = ['reg.example', 'other:5000', '10.0.0.0/8'];
  for (const host of ['reg.example', 'reg.example:443', 'other:5000', '10.1.2.3:5000'])
    assert.ok(isInsecure(host, configured), host);
  for (const host of ['other', 'other:5001', '11.0.0.1', 'x.reg.example'])
    assert.ok(!isInsecure(host, configured), host);
});
