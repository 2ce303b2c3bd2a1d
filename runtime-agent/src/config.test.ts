import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SOCKET, parseServeArgs } from './config.ts';

test('defaults are the system’s places', () => {
  const config = parseServeArgs([]);
  assert.equal(config.socket, DEFAULT_SOCKET);
  assert.equal(config.dataRoot, '/var/lib/slipway');
  assert.equal(config.execRoot, '/run/slipway');
});

test('an engine with a data root of its own has an exec root of its own', () => {
  assert.equal(parseServeArgs(['--data-root', '/srv/x']).execRoot, '/srv/x/exec');
  assert.equal(parseServeArgs(['--data-root', '/srv/x', '--exec-root', '/run/x']).execRoot, '/run/x');
});

test('mirrors and insecure registries may be given several times', () => {
  const config = parseServeArgs([
    '--registry-mirror',
    'http://127.0.0.1:5000/',
    '--insecure-registry',
    'a:1',
    '--insecure-registry',
    'b',
  ]);
  assert.deepEqual(config.registryMirrors, ['http://127.0.0.1:5000']);
  assert.deepEqual(config.insecureRegistries, ['a:1', 'b']);
});

test('bad input is refused with words that say what to do', () => {
  assert.throws(() => parseServeArgs(['--registry-mirror', 'ftp://x']), {
    code: 'invalid',
    message: /not an http\(s\) URL/,
  });
  assert.throws(() => parseServeArgs(['--nonsense']), { code: 'invalid', message: /--help/ });
});
