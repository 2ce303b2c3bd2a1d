/** Repository rules as tests: size budgets, tests beside sources, nothing of this machine in the repository. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { allCommands } from '../client/src/commands/all.ts';
import { generatedManifest } from '../tools/generate.ts';

const root = path.resolve(import.meta.dirname, '..');
const MAX_LINES = 400;

function tracked(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
  return names.filter((name) => name !== '');
}

function read(name: string): string | undefined {
  try {
    return readFileSync(path.join(root, name), 'utf8');
  } catch {
    return undefined; // deleted in the work tree, not yet committed
  }
}

test('no TypeScript file is over the size budget', () => {
  const over = tracked()
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, lines: (read(name) ?? '').split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(over, [], `split these files: the limit is ${MAX_LINES} lines`);
});

test('names say what a file is about', () => {
  const vague = /(^|\/)(utils?|common|helpers?|manager|service|base|misc|index)(\.ts|\/)/;
  assert.deepEqual(
    // A Compose service is a service.
    tracked().filter((name) => name.endsWith('.ts') && !name.startsWith('model/compose/') && vague.test(name)),
    [],
  );
});

test('package.json is what the command tables say', () => {
  const manifest = read('package.json') ?? '';
  assert.equal(generatedManifest(manifest), manifest, "run 'npm run generate'");
});

test('commands: ids once, titles in the style of the palette, icons for buttons', () => {
  assert.equal(new Set(allCommands.map(({ id }) => id)).size, allCommands.length);
  for (const { id, title, icon, places = [] } of allCommands) {
    assert.match(id, /^slipway\.[a-z][A-Za-z]+$/);
    assert.match(title, /^[A-Z][^.:]*$/, id);
    const isButton = places.some(({ group = '' }) => group.startsWith('inline') || group.startsWith('navigation'));
    assert.ok(!isButton || icon !== undefined, `${id} is a button without an icon`);
  }
});

test('no path of a developer machine and no registry host is in the repository', () => {
  const forbidden = [/\/work\/(main|shared)\b/, /registry\.npm/, /deb\.debian/];
  const bad = tracked()
    .filter((name) => name !== 'test/tidy.test.ts' && !name.endsWith('.png'))
    .filter((name) => forbidden.some((pattern) => pattern.test(read(name) ?? '')));
  assert.deepEqual(bad, []);
});
