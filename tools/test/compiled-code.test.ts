import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { keepCompiledCode } from './compiled-code.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-compiled-'));
const before = process.env['NODE_COMPILE_CACHE'];
after(() => {
  if (before === undefined) delete process.env['NODE_COMPILE_CACHE'];
  else process.env['NODE_COMPILE_CACHE'] = before;
  rmSync(root, { recursive: true });
});

test('processes started afterwards keep compiled code there; too much of it is forgotten', async () => {
  const folder = path.join(root, 'a', 'b');
  await keepCompiledCode(folder, 10);
  assert.equal(process.env['NODE_COMPILE_CACHE'], folder);
  mkdirSync(path.join(folder, 'v1'));
  writeFileSync(path.join(folder, 'v1', 'one'), '12345');
  await keepCompiledCode(folder, 10);
  assert.ok(existsSync(path.join(folder, 'v1', 'one')));
  writeFileSync(path.join(folder, 'v1', 'two'), '1234567');
  await keepCompiledCode(folder, 10);
  assert.ok(!existsSync(path.join(folder, 'v1')) && existsSync(folder));
});
