import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { linuxHost } from '../../host/linux.ts';
import { parseGitAddress } from './git-address.ts';
import { checkCommit, resolveGit } from './git-source.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-git-'));
const proxies = { http: '', https: '', none: '' };
after(() => rmSync(folder, { recursive: true }));
const resolve = (address: string) =>
  resolveGit({ host: linuxHost, proxies, signal: new AbortController().signal }, parseGitAddress(address));

test('a commit is itself; a repository that is not there is an error without its password', async () => {
  const commit = 'c'.repeat(40);
  assert.deepEqual(await resolve(`https://h/r.git#${commit}`), { ref: undefined, commit });
  assert.deepEqual(await resolve(`https://h/r.git?commit=${commit}`), { ref: undefined, commit });
  await assert.rejects(resolve('http://user:secret@127.0.0.1:1/none.git'), (error: Error) => {
    assert.match(error.message, /^git failed: fatal: unable to access 'http:\/\/.*127\.0\.0\.1:1\/none\.git/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(resolve(`http://127.0.0.1:1/none.git#--upload-pack=touch ${folder}/owned`));
  assert.deepEqual(readdirSync(folder), []);
});

test('a checksum is a commit, or its beginning', () => {
  checkCommit('a', 'abc123', undefined);
  checkCommit('a', 'abc123', 'abc');
  const wrong = {
    abd: 'expected checksum to match abd, got abc123: a',
    zz: 'invalid checksum zz for Git URL, expected hex commit hash: a',
  };
  for (const [checksum, message] of Object.entries(wrong)) {
    assert.throws(() => checkCommit('a', 'abc123', checksum), { message });
  }
});
