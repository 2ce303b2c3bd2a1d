/** Pulls that need a password, and pulls that cannot work: one clear message each. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../tools/world/registry.ts';
import { tryDocker } from '../support/docker.ts';
import { startTestEngine } from '../support/engine.ts';
import { PASSWORD, startPrivateRegistry, USER } from '../support/private-registry.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

test('docker login, then pull from a registry that asks for a password', { skip }, async () => {
  await using engine = await startTestEngine({ mirror: false });
  await using registry = await startPrivateRegistry();
  const image = `${registry.host}/library/busybox:latest`;
  const config = await mkdtemp(path.join(tmpdir(), 'slipway-login-'));
  const docker = (...args: string[]) => tryDocker(engine, args, { env: { DOCKER_CONFIG: config }, input: PASSWORD });
  try {
    const stranger = await docker('pull', image);
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /no basic auth credentials/);
    const login = await docker('login', '--username', USER, '--password-stdin', registry.host);
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /Login Succeeded/);
    const pulled = await docker('pull', image);
    assert.equal(pulled.code, 0, pulled.stderr);
    assert.equal((await docker('run', '--rm', image, 'echo', 'hello')).stdout, 'hello\n');
  } finally {
    await rm(config, { recursive: true, force: true });
  }
});

test('a wrong password is refused at login', { skip }, async () => {
  await using engine = await startTestEngine({ mirror: false });
  await using registry = await startPrivateRegistry();
  const args = ['login', '--username', USER, '--password-stdin', registry.host];
  const { code, stderr } = await tryDocker(engine, args, { input: 'wrong' });
  assert.equal(code, 1);
  assert.match(stderr, /unauthorized|401/i);
});

test('what cannot be pulled says so and leaves nothing', { skip }, async () => {
  await using engine = await startTestEngine();
  const nobody = `127.0.0.1:${await freePort()}`;
  const mistakes: readonly [image: string, message: RegExp][] = [
    ['busybox:no-such-tag', /busybox:no-such-tag|manifest unknown|not found/],
    [`${nobody}/busybox`, new RegExp(`${nobody}.*(refused|connect)`, 's')],
    ['upper/Case', /repository name.*must be lowercase/],
  ];
  for (const [image, message] of mistakes) {
    const { code, stderr } = await tryDocker(engine, ['pull', image]);
    assert.equal(code, 1, image);
    assert.match(stderr, message);
  }
  assert.equal((await tryDocker(engine, ['images', '--quiet'])).stdout, '');
});
