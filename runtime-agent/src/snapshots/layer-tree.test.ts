import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLayerTree } from './layer-tree.ts';
import type { TarEntry, TarType } from './tar-entry.ts';

const PLAIN: Omit<TarEntry, 'name' | 'type'> = {
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: '7',
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: [],
  sparse: [],
};
const entry = (type: TarType, name: string, linkName = ''): TarEntry => ({ ...PLAIN, type, name, linkName });

/** `TYPE name` of all that is written for the entries, opaque directories with an `o`. */
function placed(...entries: TarEntry[]): string[] {
  const tree = createLayerTree();
  return entries
    .flatMap((one) => tree.place(one))
    .map(({ type, name, linkName, xattrs }) => {
      const mark = xattrs.some(([key]) => key === 'trusted.overlay.opaque') ? 'o' : '';
      return `${type}${mark} ${name}${type === '1' ? ` -> ${linkName}` : ''}`;
    });
}

test('names are made relative and plain, missing directories are made', () => {
  assert.deepEqual(placed(entry('0', './a//b/../c')), ['5 a', '0 a/c']);
  assert.deepEqual(placed(entry('0', '/etc/x'), entry('5', 'etc/'), entry('0', 'etc/y')), [
    '5 etc',
    '0 etc/x',
    '5 etc',
    '0 etc/y',
  ]);
  assert.deepEqual(placed(entry('5', './'), entry('5', '/')), [], "the root is nobody's business");
});

test('paths through symlinks go where the links point, inside', () => {
  assert.deepEqual(placed(entry('2', 'l', '/x/y'), entry('0', 'l/f')), ['2 l', '5 x', '5 x/y', '0 x/y/f']);
  assert.deepEqual(placed(entry('2', 'l', '../../..'), entry('0', 'l/f')), ['2 l', '0 f']);
  assert.deepEqual(placed(entry('2', 'a/l', '../b'), entry('2', 'b', 'c'), entry('0', 'a/l/f')), [
    '5 a',
    '2 a/l',
    '2 b',
    '5 c',
    '0 c/f',
  ]);
  assert.deepEqual(
    placed(entry('2', 'l', 'x'), entry('5', 'l'), entry('0', 'l/f')),
    ['2 l', '5 l', '0 l/f'],
    'a directory in its place',
  );
  assert.deepEqual(placed(entry('0', 'd/f'), entry('2', 'l', 'd'), entry('1', 'h', 'l/f')), [
    '5 d',
    '0 d/f',
    '2 l',
    '1 h -> d/f',
  ]);
});

test('whiteouts hide what is below, never what the layer brings', () => {
  assert.deepEqual(placed(entry('0', 'd/.wh.f')), ['5 d', '3 d/f']);
  assert.deepEqual(placed(entry('5', 'd'), entry('0', 'd/.wh..wh..opq')), ['5 d', '5o d']);
  assert.deepEqual(placed(entry('0', '.wh..wh..opq')), [], 'of the root');
  assert.deepEqual(placed(entry('0', '.wh.d'), entry('5', 'd')), ['3 d', '5o d']);
  assert.deepEqual(placed(entry('0', '.wh.d'), entry('0', 'd/f')), ['3 d', '5o d', '0 d/f']);
  assert.deepEqual(placed(entry('5', 'd'), entry('0', '.wh.d')), ['5 d', '5o d']);
  assert.deepEqual(placed(entry('0', 'f'), entry('0', '.wh.f'), entry('2', 'l', 'x'), entry('0', '.wh.l')), [
    '0 f',
    '2 l',
  ]);
  assert.deepEqual(placed(entry('0', '.wh.f'), entry('0', 'f')), ['3 f', '0 f']);
  assert.deepEqual(placed(entry('0', '.wh..wh.plnk'), entry('0', '.wh..wh.aufs')), []);
});

test('what points outside, at nothing or in circles is refused', () => {
  const refused: readonly TarEntry[][] = [
    [entry('0', '../f')],
    [entry('0', 'a/../../f')],
    [entry('1', 'h', '../f')],
    [entry('1', 'h', 'missing')],
    [entry('5', 'd'), entry('1', 'h', 'd')],
    [entry('0', 'f'), entry('0', 'f/g')],
    [entry('2', 'a', 'b'), entry('2', 'b', 'a'), entry('0', 'a/f')],
    [entry('0', '.wh.')],
    [entry('0', '.wh...')],
    [entry('2', 'l', 'a\0b')],
    [entry('0', 'a\0b')],
    [entry('0', 'd/f'), entry('0', 'd')],
  ];
  for (const entries of refused) assert.throws(() => placed(...entries), { code: 'invalid' }, JSON.stringify(entries));
});

test('nothing that is written ever has a symlink, a file or `..` on its way', () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.wh.a', '.wh..wh..opq');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const target = fc.oneof(
    path,
    path.map((text) => `/${text}`),
  );
  const any = fc
    .tuple(fc.constantFrom<TarType>('0', '1', '2', '3', '5'), path, target)
    .map(([type, name, link]) => entry(type, name, link));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 15 }), (entries) => {
      const tree = createLayerTree();
      const kinds = new Map<string, TarType>();
      for (const one of entries) {
        let out: readonly TarEntry[] = [];
        try {
          out = tree.place(one);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'invalid');
          return;
        }
        for (const { type, name, linkName } of out) {
          const parts = name.split('/');
          assert.ok(
            parts.every((text) => text !== '' && text !== '.' && text !== '..'),
            name,
          );
          for (let i = 1; i < parts.length; i++)
            assert.equal(kinds.get(parts.slice(0, i).join('/')), '5', `on the way to ${name}`);
          if (type === '1') assert.ok(kinds.has(linkName), `${name} -> ${linkName}`);
          kinds.set(name, type);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
