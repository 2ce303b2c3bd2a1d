import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findCompose } from './find-compose.ts';

/** A folder with programs of these names that end with these codes. */
function programs(codes: Readonly<Record<string, number>>): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-compose-'));
  for (const [name, code] of Object.entries(codes)) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\nexit ${code}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const { signal } = new AbortController();

test('the plugin goes before the program; a docker without the plugin is none', async () => {
  using both = programs({ docker: 0, 'docker-compose': 0 });
  assert.deepEqual(await findCompose(both.folder, signal), { program: 'docker', args: ['compose'] });
  using old = programs({ docker: 1, 'docker-compose': 0 });
  assert.deepEqual(await findCompose(old.folder, signal), { program: 'docker-compose', args: [] });
  using none = programs({ docker: 1 });
  assert.equal(await findCompose(none.folder, signal), undefined);
});
