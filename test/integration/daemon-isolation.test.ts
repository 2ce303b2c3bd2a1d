/** Isolation that depends on the host's own mounts and limits. Compared with dockerd 28.5. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { create, pullImage, run } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

describe('isolation', () => {
  let engine: TestEngine;
  const outer = mkdtempSync(path.join(tmpdir(), 'slipway-isolation-'));
  const inner = path.join(outer, 'inner');
  before(async () => {
    mkdirSync(inner);
    execFileSync('mount', ['-t', 'tmpfs', 'slipway-test', inner]);
    engine = await startTestEngine();
    await pullImage(engine);
  });
  after(async () => {
    execFileSync('umount', ['-l', inner]);
    rmSync(outer, { recursive: true, force: true });
    await engine[Symbol.asyncDispose]();
  });

  const touch = async (host: object) => (await run(engine, ['touch', '/x/inner/file'], host)).code;
  const bind = (options: object) => ({
    Mounts: [{ Type: 'bind', Source: outer, Target: '/x', ReadOnly: true, BindOptions: options }],
  });

  test('a read-only bind is read-only with all that is mounted below it, unless asked for less', async () => {
    assert.equal(await touch({ Binds: [`${outer}:/x`] }), 0);
    assert.notEqual(await touch({ Binds: [`${outer}:/x:ro`] }), 0);
    assert.notEqual(await touch(bind({})), 0);
    assert.notEqual(await touch(bind({ ReadOnlyForceRecursive: true })), 0);
    assert.equal(await touch(bind({ ReadOnlyNonRecursive: true })), 0);
  });

  test('what the host does not share cannot be shared', async () => {
    execFileSync('mount', ['--make-private', inner]);
    const id = await create(engine, { host: { Binds: [`${inner}:/x:rshared`] } });
    const answer = await engine.call('POST', `/containers/${id}/start`);
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json(), { message: `path ${inner} is mounted on ${inner} but it is not a shared mount` });
    execFileSync('mount', ['--make-shared', inner]);
    const shared = await engine.call('POST', `/containers/${id}/start`);
    assert.equal(shared.status, 204, shared.text);
  });

  test('a domain name by sysctl; other names that are the host’s are refused', async () => {
    const named = await run(engine, ['cat', '/proc/sys/kernel/domainname'], {
      Sysctls: { 'kernel.domainname': 'd.test' },
    });
    assert.equal(named.stdout, 'd.test\n');
  });

  test('options that do not exist are told: of a tmpfs at the start, as Docker does', async () => {
    const made = await engine.call('POST', '/containers/create', {
      Image: 'busybox',
      HostConfig: { Tmpfs: { '/t': 'size=1m,nope' } },
    });
    const { Id } = made.json<{ Id: string }>();
    const started = await engine.call('POST', `/containers/${Id}/start`);
    assert.deepEqual([started.status, started.json()], [400, { message: 'invalid tmpfs option "nope"' }]);
    assert.equal((await engine.call('DELETE', `/containers/${Id}`)).status, 204);
    const uts = await engine.call('POST', '/containers/create', {
      Image: 'busybox',
      Hostname: 'h',
      HostConfig: { UTSMode: 'host' },
    });
    assert.deepEqual([uts.status, uts.json()], [400, { message: 'conflicting options: hostname and the UTS mode' }]);
  });
});
