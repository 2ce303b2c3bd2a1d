import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { checkContainersPass, giveToContainers, letContainersPass } from './hand-over.ts';
import { mapIds, SAME_IDS } from './id-mapping.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-hand-over-'));
after(() => rmSync(root, { recursive: true }));
const range = [{ containerID: 0, hostID: 5000, size: 10 }];
const ids = mapIds(range, range);

test('paths are given to the containers’ root, links themselves', async () => {
  const [folder, link] = [path.join(root, 'folder'), path.join(root, 'link')];
  mkdirSync(folder);
  symlinkSync('folder', link);
  await giveToContainers(SAME_IDS, folder, link);
  assert.equal(lstatSync(link).uid, 0);
  await giveToContainers(ids, link);
  assert.deepEqual([lstatSync(link).uid, lstatSync(link).gid, statSync(folder).uid], [5000, 5000, 0]);
});

test('directories that they only pass through stay the host’s', async () => {
  const folder = path.join(root, 'passed');
  mkdirSync(folder, { mode: 0o710 });
  await letContainersPass(ids, folder);
  assert.deepEqual([statSync(folder).uid, statSync(folder).gid], [0, 5000]);
});

test('a directory on the way that keeps them out is named', async () => {
  const data = path.join(root, 'closed', 'inner', 'data');
  mkdirSync(data, { recursive: true });
  chmodSync(root, 0o755);
  await checkContainersPass(ids, data);
  chmodSync(path.join(root, 'closed'), 0o700);
  await checkContainersPass(SAME_IDS, data);
  await assert.rejects(checkContainersPass(ids, data), {
    code: 'invalid',
    message: new RegExp(`user 5000 of this host cannot pass through ${root}/closed \\(allow it with: chmod o\\+x`),
  });
  await letContainersPass(ids, path.join(root, 'closed'));
  chmodSync(path.join(root, 'closed'), 0o710);
  await checkContainersPass(ids, data);
});
