import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ABSENT, type ManifestEntry } from '#model/slipway-api/workspaces.ts';
import { inBatches, planSync, stateOf, type SyncPlan } from './plan-sync.ts';

/** `a.js=1` is a file, `a/` a folder, `a@b` a link, `a.sh*1` an executable file. */
function entries(...specs: readonly string[]): ManifestEntry[] {
  return specs.map((spec) => {
    const [, path = '', mark = '', hash = ''] = /^(.+?)(\/$|[=@*])([^=@*]*)$/.exec(spec) ?? [];
    const kind = mark === '/' ? 'directory' : mark === '@' ? 'link' : 'file';
    return { path, kind, hash, size: hash.length, mtimeMs: 0, mode: mark === '*' ? 0o755 : 0o644 };
  });
}
const base = (...specs: readonly string[]): Map<string, string> =>
  new Map(entries(...specs).map((entry) => [entry.path, stateOf(entry)]));
const lines = (plan: SyncPlan): string[] => [
  ...plan.changes.map(({ kind, path, base }) => `${kind} ${path} (${base})`),
  ...plan.foreign.map(({ change, path }) => `foreign ${change} ${path}`),
];

test('a first copy sends everything, folders before what is in them', () => {
  assert.deepEqual(lines(planSync(entries('b/', 'b/x=1', 'a@b'), [], base())), [
    `link a (${ABSENT})`,
    `directory b (${ABSENT})`,
    `file b/x (${ABSENT})`,
  ]);
});

test('what differs is decided by what both sides last agreed on', () => {
  const cases: readonly [local: string[], host: string[], agreed: string[], expected: string[]][] = [
    [['a=1'], ['a=1'], [], []],
    [['a=2'], ['a=1'], ['a=1'], ['file a (1)']],
    [['a=1'], ['a=2'], ['a=1'], ['foreign written a']],
    [['a=2'], ['a=3'], ['a=1'], ['file a (1)']],
    [['a=1'], ['a=2'], [], [`file a (${ABSENT})`]],
    [[], ['a=1'], ['a=1'], ['whiteout a (1)']],
    [[], ['a=2'], ['a=1'], ['whiteout a (1)']],
    [[], ['a=1'], [], ['foreign written a']],
    [['a=1'], [], ['a=1'], ['foreign removed a']],
    [['a=2'], [], ['a=1'], ['file a (1)']],
    [[], [], ['a=1'], []],
    [['a*1'], ['a=1'], ['a=1'], ['file a (1)']],
    [['a/'], ['a=1'], ['a=1'], ['directory a (1)']],
    [['a=1'], ['a/', 'a/b=1'], ['a/', 'a/b=1'], ['whiteout a/b (1)', 'file a ()']],
  ];
  for (const [local, host, agreed, expected] of cases) {
    assert.deepEqual(lines(planSync(entries(...local), entries(...host), base(...agreed))), expected, local.join(' '));
  }
});

test('folders go away after what is in them', () => {
  assert.deepEqual(lines(planSync([], entries('d/', 'd/e/', 'd/e/f=1'), base('d/', 'd/e/', 'd/e/f=1'))), [
    'whiteout d/e/f (1)',
    'whiteout d/e ()',
    'whiteout d ()',
  ]);
});

test('what is agreed and what is forgotten is said', () => {
  const plan = planSync(entries('a=1', 'b=1'), entries('a=1'), base('gone=1'));
  assert.deepEqual(
    plan.agreed.map(({ path }) => path),
    ['a'],
  );
  assert.deepEqual(plan.forgotten, ['gone']);
});

test('no change of the container is overwritten unknowingly, and without any both sides become the same', () => {
  const side = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'));
  const specs = (files: Record<string, string>): string[] =>
    Object.entries(files).map(([name, hash]) => `${name}=${hash}`);
  fc.assert(
    fc.property(side, side, side, (local, host, agreed) => {
      const plan = planSync(entries(...specs(local)), entries(...specs(host)), base(...specs(agreed)));
      const result: Record<string, string> = { ...host };
      for (const { path, kind, base } of plan.changes) {
        const there = host[path];
        // the engine keeps a copy exactly when the base is not what it finds
        if (there !== undefined && there === base) assert.equal(there, agreed[path]);
        if (kind === 'whiteout') delete result[path];
        else result[path] = local[path] ?? '';
      }
      for (const { path } of plan.foreign) assert.equal(result[path], host[path]);
      if (plan.foreign.length === 0) assert.deepEqual(result, { ...local });
    }),
  );
});

test('batches are bounded by number and size, and keep the order', () => {
  const changes = planSync(entries('a=1', 'b=333', 'c=1', 'd=55555'), [], base()).changes;
  const names = inBatches(changes, 2, 4).map((batch) => batch.map(({ path }) => path).join(''));
  assert.deepEqual(names, ['ab', 'c', 'd']);
  assert.deepEqual(inBatches([]), []);
});
