/** Files of containers, with the tools that busybox and Debian images have. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileCommands } from '../../client/src/commands/files.ts';
import type { CommandDeps } from '../../client/src/commands/deps.ts';
import { type ContainerFiles, containerFiles } from '../../client/src/files/container-files.ts';
import type { EngineConnection } from '../../client/src/hosts/engine-connection.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { fakeUi, type FakeUi } from '../../client/src/views/fake-ui.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

let engine: TestEngine;
let connection: EngineConnection;
before(async () => {
  if (skip !== false) return;
  engine = await startTestEngine();
  const identity = { id: 'local', label: 'This machine', kind: 'local', socketPath: engine.socket } as const;
  connection = await openConnection({ ...identity, shell: localShell() });
});
after(async () => {
  await connection?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

for (const image of ['busybox', 'debian:bookworm-slim']) {
  describe(`files in ${image}`, { skip }, () => {
    let container: string;
    let files: ContainerFiles;
    before(async () => {
      container = (await docker(engine, 'run', '--detach', image, 'sleep', '600')).stdout.trim();
      files = containerFiles(connection, container);
      const script = 'mkdir /w; cd /w; printf hi >a; chmod 600 a; chown 7:8 a; ln -s a link; mkdir d; ln -s /w/d far';
      await docker(engine, 'exec', container, 'sh', '-c', script);
    });
    after(async () => {
      await docker(engine, 'rm', '--force', container);
    });

    test('a folder is listed, with what its links lead to', async () => {
      const shown = (await files.list('/w')).map(({ name, kind, link, size }) => [
        name,
        kind,
        link,
        kind === 'file' ? size : 0,
      ]);
      assert.deepEqual(shown, [
        ['d', 'folder', false, 0],
        ['far', 'folder', true, 0],
        ['a', 'file', false, 2],
        ['link', 'file', true, 2],
      ]);
      await assert.rejects(files.list('/none'), { code: 'not-found' });
    });

    test('a file is read, also through a link; what is no file is not', async () => {
      assert.equal(Buffer.from(await files.read('/w/a')).toString(), 'hi');
      assert.equal(Buffer.from(await files.read('/w/link')).toString(), 'hi');
      await assert.rejects(files.read('/w/d'), { code: 'invalid', message: '/w/d is no file.' });
      await assert.rejects(files.read('/w/none'), { code: 'not-found' });
    });

    test('saving keeps owner and mode, and writes to where a link leads', async () => {
      await files.write('/w/link', Buffer.from('longer than before'));
      const { mode, uid, gid, size, link } = await files.stat('/w/a');
      assert.deepEqual({ mode, uid, gid, size, link }, { mode: 0o600, uid: 7, gid: 8, size: 18, link: false });
      assert.equal((await files.stat('/w/link')).link, true);
      await docker(engine, 'exec', container, 'chown', '7:8', '/w/d');
      await files.write('/w/d/new', Buffer.from([0, 255, 10]));
      assert.deepEqual([...(await files.read('/w/d/new'))], [0, 255, 10]);
      assert.equal((await files.stat('/w/d/new')).uid, 7, 'of the folder');
    });

    test('folders are made, things renamed and removed; nothing is overwritten by a rename', async () => {
      await files.makeFolder('/w/-odd name');
      await files.write('/w/-odd name/x', Buffer.from('x'));
      await files.rename('/w/-odd name', '/w/even');
      assert.equal((await files.stat('/w/even/x')).size, 1);
      await assert.rejects(files.rename('/w/even/x', '/w/a'), { code: 'invalid' });
      await assert.rejects(files.makeFolder('/w/even'), /exists/i);
      await files.remove('/w/even');
      await assert.rejects(files.stat('/w/even'), { code: 'not-found' });
    });
  });
}

test('commands: new, upload, download, rename, delete', { skip }, async () => {
  const container = (await docker(engine, 'run', '--detach', 'busybox', 'sleep', '600')).stdout.trim();
  const files = containerFiles(connection, container);
  let refreshed = 0;
  const run = async (id: string, ui: FakeUi, file: 'file' | 'folder', at: string): Promise<void> => {
    const deps = { ui, files: { of: () => files, show: async () => undefined, refresh: () => void refreshed++ } };
    const command = fileCommands.find((each) => each.id === `slipway.${id}`);
    await command?.handler(deps as unknown as CommandDeps, { file, container, path: at });
  };
  const local = path.join(path.dirname(engine.socket), 'to-upload.txt');
  await writeFile(local, 'from here');
  await run('newFolder', fakeUi('made'), 'folder', '/tmp');
  await run('newFile', fakeUi('empty'), 'folder', '/tmp/made');
  await run('uploadFiles', fakeUi(local), 'folder', '/tmp/made');
  assert.deepEqual(
    (await files.list('/tmp/made')).map(({ name, size }) => [name, size]),
    [
      ['empty', 0],
      ['to-upload.txt', 9],
    ],
  );
  await assert.rejects(run('newFile', fakeUi('empty'), 'folder', '/tmp/made'), { code: 'conflict' });
  await assert.rejects(run('newFile', fakeUi('a/b'), 'folder', '/tmp/made'), /A name without/);
  await run('downloadFile', fakeUi(`${local}.back`), 'file', '/tmp/made/to-upload.txt');
  assert.equal(await readFile(`${local}.back`, 'utf8'), 'from here');
  await run('renameFile', fakeUi('renamed'), 'file', '/tmp/made/empty');
  await run('deleteFile', fakeUi(false), 'folder', '/tmp/made');
  assert.equal((await files.stat('/tmp/made/renamed')).kind, 'file');
  await run('deleteFile', fakeUi(true), 'folder', '/tmp/made');
  await assert.rejects(files.stat('/tmp/made'), { code: 'not-found' });
  assert.equal(refreshed, 5);
  await docker(engine, 'rm', '--force', container);
});
