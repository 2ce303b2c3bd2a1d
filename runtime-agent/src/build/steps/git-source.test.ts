import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { linuxHost } from '../../host/linux.ts';
import { isGitAddress, resolveGit } from './git-source.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-git-'));
const base = 'http://127.0.0.1:1';
after(() => rmSync(folder, { recursive: true }));

test('Git addresses are told from others', () => {
  for (const address of ['git@h:r', 'git://h/r', 'ssh://git@h/r', 'https://h/r.git', 'http://h/r.git#main:sub']) {
    assert.equal(isGitAddress(address), true, address);
  }
  for (const address of ['https://h/r.tgz', 'http://h/', 'https://h/r.git.tgz', 'https://h/x?y=r.git']) {
    assert.equal(isGitAddress(address), false, address);
  }
});

test('a commit is itself; a repository that is not there is an error', async () => {
  const { signal } = new AbortController();
  const commit = 'c'.repeat(40);
  assert.equal(await resolveGit(linuxHost, `https://h/r.git#${commit}`, signal), commit);
  await assert.rejects(resolveGit(linuxHost, `${base}/none.git`, signal), { code: 'invalid' });
  await assert.rejects(resolveGit(linuxHost, `${base}/none.git#--upload-pack=touch ${folder}/owned`, signal));
  assert.equal(readdirSync(folder).includes('owned'), false);
});
