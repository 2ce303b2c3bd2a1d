import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readAccounts } from './accounts.ts';

function withRoot(check: (root: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'slipway-accounts-'));
    try {
      mkdirSync(path.join(root, 'etc'));
      await check(root);
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

test(
  'plain files, missing files, links within the root',
  withRoot(async (root) => {
    assert.deepEqual(await readAccounts(root), { passwd: undefined, group: undefined });
    writeFileSync(path.join(root, 'etc/passwd'), 'p');
    mkdirSync(path.join(root, 'real'));
    writeFileSync(path.join(root, 'real/group'), 'g');
    symlinkSync('/real/group', path.join(root, 'etc/group'));
    assert.deepEqual(await readAccounts(root), { passwd: 'p', group: 'g' });
  }),
);

test(
  'what hangs or leads out is not read',
  withRoot(async (root) => {
    execFileSync('mkfifo', [path.join(root, 'etc/passwd')]);
    symlinkSync('/../../../../../../etc/group', path.join(root, 'etc/group'));
    assert.deepEqual(await readAccounts(root), { passwd: undefined, group: undefined });
    rmSync(path.join(root, 'etc/passwd'));
    writeFileSync(path.join(root, 'etc/passwd'), '');
    truncateSync(path.join(root, 'etc/passwd'), 2 ** 31);
    assert.equal((await readAccounts(root)).passwd, undefined, 'nor what is absurdly large');
  }),
);
