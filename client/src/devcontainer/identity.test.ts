import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isUnfinished } from './create-dev-container.ts';
import { devSessions } from './dev-sessions.ts';
import { configHash, devcontainerId, idLabels, nameFor } from './identity.ts';
import { mergePaths } from './remote-user.ts';

test('the id is the reference tool’s: sorted labels, hashed, 52 digits of base 32', () => {
  const labels = { 'devcontainer.local_folder': '/home/a/app', 'devcontainer.config_file': '/home/a/app/x.json' };
  const id = devcontainerId(labels);
  assert.match(id, /^[0-9a-v]{52}$/);
  assert.equal(devcontainerId(Object.fromEntries(Object.entries(labels).reverse())), id);
  assert.notEqual(devcontainerId(idLabels('/home/a/app', '/home/a/app/y.json')), id);
});

test('names are readable, valid for containers and images, and one for each folder and machine', () => {
  assert.match(nameFor('/home/a/My App (2)', 'box'), /^my-app-2-[0-9a-f]{8}$/);
  assert.match(nameFor('/', 'box'), /^folder-[0-9a-f]{8}$/);
  assert.match(nameFor(`/x/${'long'.repeat(40)}`, 'box'), /^[a-z]{40}-[0-9a-f]{8}$/);
  assert.notEqual(nameFor('/home/a/app', 'box'), nameFor('/home/a/app', 'other'));
  assert.notEqual(nameFor('/home/a/app', 'box'), nameFor('/home/b/app', 'box'));
});

test('the hash changes with the configuration, its Dockerfile, the folder and the editor', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-hash-'));
  const file = path.join(folder, 'devcontainer.json');
  const config = { build: { dockerfile: 'Dockerfile' } };
  const made = { hostFolder: '/srv/app', editorVersion: '1' };
  writeFileSync(path.join(folder, 'Dockerfile'), 'FROM a');
  const first = await configHash(file, config, made);
  assert.equal(await configHash(file, { ...config }, { ...made }), first);
  const others = [
    await configHash(file, { ...config, name: 'x' }, made),
    await configHash(file, config, { ...made, hostFolder: '/srv/b' }),
    await configHash(file, config, { ...made, editorVersion: '2' }),
  ];
  writeFileSync(path.join(folder, 'Dockerfile'), 'FROM b');
  others.push(await configHash(file, config, made));
  assert.equal(new Set([first, ...others]).size, 5);
  rmSync(folder, { recursive: true });
});

test('what an interrupted run left is known by its name', () => {
  assert.equal(isUnfinished(['/app-1234-unfinished']), true);
  assert.equal(isUnfinished(['/app-1234']), false);
  assert.equal(isUnfinished(undefined), false);
});

test('paths of a login shell and of the image are put together', () => {
  assert.equal(mergePaths('/home/a/bin:/bin', '/usr/local/bin:/bin'), '/home/a/bin:/bin:/usr/local/bin');
  assert.equal(mergePaths(undefined, '/bin'), '/bin');
  assert.equal(mergePaths('/bin', undefined), '/bin');
  assert.equal(mergePaths(undefined, undefined), undefined);
});

test('a session belongs to a folder on a host; what it holds ends when it is replaced, and at the end', async () => {
  const ended: string[] = [];
  const ends = (name: string): AsyncDisposable => ({ [Symbol.asyncDispose]: async () => void ended.push(name) });
  const sync = { ...ends('sync') } as Awaited<ReturnType<Parameters<typeof session.sync>[0]>>;
  const sessions = devSessions();
  const session = sessions.of('local', '/app');
  const first = session.alone(async () => await new Promise<string>((resolve) => setTimeout(resolve, 10, 'done')));
  await assert.rejects(
    session.alone(async () => 'second'),
    /just being opened/,
  );
  assert.equal(await first, 'done');
  assert.equal(await session.alone(async () => 'third'), 'third');
  assert.equal(sessions.of('local', '/app'), session);
  assert.notEqual(sessions.of('ssh:box', '/app'), session);
  await assert.rejects(
    session.sync(async () => await Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await session.sync(async () => sync), sync);
  assert.equal(await session.sync(async () => assert.fail('it runs already')), sync);
  await session.attach('c1', ends('first'));
  await session.attach('c2', ends('second'));
  assert.deepEqual([ended.join(), session.container(), session.currentSync() === sync], ['first', 'c2', true]);
  await sessions[Symbol.asyncDispose]();
  assert.deepEqual(ended.sort(), ['first', 'second', 'sync']);
  assert.equal(session.container(), undefined);
});
