import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ownSettings } from './own-settings.ts';

const QUIET = { 'workbench.startupEditor': 'none', 'workbench.secondarySideBar.defaultVisibility': 'hidden' };

async function readWith(text: string | undefined): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-settings-'));
  try {
    const storage = path.join(folder, 'User', 'globalStorage', 'slipway.slipway');
    mkdirSync(storage, { recursive: true });
    if (text !== undefined) writeFileSync(path.join(folder, 'User', 'settings.json'), text);
    return await ownSettings(storage);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a person’s settings come along, comments and all, and win over ours', async () => {
  const text =
    '{\n  // dark, please\n  "workbench.colorTheme": "Default Dark Modern",\n  "workbench.startupEditor": "readme",\n}';
  assert.deepEqual(await readWith(text), {
    ...QUIET,
    'workbench.startupEditor': 'readme',
    'workbench.colorTheme': 'Default Dark Modern',
  });
});

test('what is about this machine stays here', async () => {
  const text = '{ "slipway.hosts": ["x"], "terminal.integrated.env.linux": {"A": "b"}, "editor.fontSize": 15 }';
  assert.deepEqual(await readWith(text), { ...QUIET, 'editor.fontSize': 15 });
});

test('no settings, or none that can be read, are no obstacle', async () => {
  assert.deepEqual(await readWith(undefined), QUIET);
  assert.deepEqual(await readWith('['), QUIET);
});
