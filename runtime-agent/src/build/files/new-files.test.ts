import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { SAME_IDS } from '../../host/id-mapping.ts';
import { inTarOrder, newLayerTar } from '../../snapshots/new-layer.ts';
import { type CopyInto, copyInto } from './copy-into.ts';
import { memoryTree } from './memory-tree.fixture.ts';
import { parseModeChange } from './mode-change.ts';
import { type NewFiles, planNewFiles } from './new-files.ts';
import { excluder, selectSources } from './select-sources.ts';

let base = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'slipway-new-files-')));
});
afterEach(() => rmSync(base, { recursive: true }));

type Files = Readonly<Record<string, string | null>>;
const NOW = 1_750_000_000;

/** A root file system: values as in memoryTree. */
function makeRoot(name: string, files: Files): string {
  const root = path.join(base, name);
  mkdirSync(root);
  for (const [file, content] of Object.entries(files)) {
    const at = path.join(root, file);
    mkdirSync(content === null ? at : path.dirname(at), { recursive: true });
    if (content?.startsWith('->')) symlinkSync(content.slice(2), at);
    else if (content !== null) writeFileSync(at, content);
  }
  return root;
}

interface Case {
  readonly from: Files;
  readonly there: Files;
  readonly patterns: readonly string[];
  readonly destination: string;
  readonly more?: Partial<CopyInto>;
}

function copyOf({ from, patterns, destination, more = {} }: Case, root: string): CopyInto {
  const tree = memoryTree(from);
  const { sources } = selectSources(tree, patterns, false);
  const plain = {
    ids: SAME_IDS,
    owner: undefined,
    mode: undefined,
    excluded: () => false,
    replace: false,
    parents: false,
  };
  return { tree, sources, root, destination, ...plain, signal: new AbortController().signal, ...more };
}

function plan(one: Case, root: string): Promise<NewFiles | undefined> {
  return planNewFiles([copyOf(one, root)], NOW);
}

/** Makes the layer, and lays it over the root as overlayfs would. */
async function lay({ files, touched }: NewFiles, root: string): Promise<void> {
  const tar: Buffer[] = [];
  for await (const chunk of newLayerTar(inTarOrder(files.values()))) tar.push(chunk);
  execFileSync('tar', ['-x', '-p', '--same-owner', '--numeric-owner', '--unlink-first'], {
    cwd: root,
    input: Buffer.concat(tar),
  });
  for (const folder of touched.keys()) assert.ok(lstatSync(path.join(root, folder)).isDirectory(), folder);
}

/** All that is in the root; times only where they come from the source: what came into being has the moment's. */
function view(root: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const at = path.join(root, name);
    if (realpathSync(path.dirname(at)) !== path.dirname(at)) continue; // seen where it is
    const { mode, uid, gid, mtimeMs } = lstatSync(at);
    const kind = lstatSync(at);
    const content = kind.isSymbolicLink() ? readlinkSync(at) : kind.isFile() ? readFileSync(at, 'utf8') : '/';
    const time = mtimeMs === 1_700_000_000_000 ? 'source' : 'moment';
    all[name] = `${mode.toString(8)} ${uid}:${gid} ${time} ${content}`;
  }
  return all;
}

/** Both ways give the same tree. `false` when the plan leaves it to copyInto. */
async function same(one: Case): Promise<boolean> {
  const [planned, copied] = [makeRoot('planned', one.there), makeRoot('copied', one.there)];
  try {
    const found = await plan(one, planned);
    if (found === undefined) return false;
    await lay(found, planned);
    await copyInto(copyOf(one, copied));
    const [a, b] = [view(planned), view(copied)];
    // Folders that are there have their times from `touched`, which the overlay sets and tar here does not.
    for (const [folder, time] of found.touched) {
      assert.equal(b[folder]?.includes(' source '), time === 1_700_000_000, folder);
      delete a[folder];
      delete b[folder];
    }
    assert.deepEqual(a, b);
    return true;
  } finally {
    for (const root of [planned, copied]) rmSync(root, { recursive: true });
  }
}

const FROM = { f: 'file', g: 'other', 'd/x': 'x', 'd/sub/s': 's', 'd/l': '->x', 'd/empty': null, 'e/y': 'y' };
const CASES: readonly (readonly [string, Omit<Case, 'from'>])[] = [
  ['a file to a new name', { there: {}, patterns: ['f'], destination: '/new' }],
  ['a file into a new folder', { there: {}, patterns: ['f'], destination: '/a/b/' }],
  ['a file into a folder that is there', { there: { 'a/old': 'old' }, patterns: ['f'], destination: '/a' }],
  ['a file over a file', { there: { 'a/f': 'old' }, patterns: ['f'], destination: '/a/' }],
  ['one file after the other', { there: {}, patterns: ['f', 'g'], destination: '/two' }],
  ['a folder into a new one', { there: {}, patterns: ['d'], destination: '/to' }],
  ['a folder into one that is there', { there: { 'to/old': 'old' }, patterns: ['d'], destination: '/to' }],
  ['a folder into the root', { there: { etc: null }, patterns: ['d'], destination: '/' }],
  ['two folders into one', { there: {}, patterns: ['d', 'e'], destination: '/to/' }],
  ['a folder, then a file into what it made', { there: {}, patterns: ['d', 'f'], destination: '/to' }],
  ['all of it', { there: { 'srv/app': null }, patterns: ['.'], destination: '/srv/app' }],
  ['through a symlink', { there: { real: null, l: '->real' }, patterns: ['d'], destination: '/l/in' }],
];

for (const [name, one] of CASES) {
  test(`as copyInto: ${name}`, async () => {
    assert.ok(await same({ from: FROM, ...one }), 'all is new');
    const mode = parseModeChange('750');
    assert.ok(
      await same({ from: FROM, ...one, more: { mode, owner: { uid: 12, gid: 34 } } }),
      'with --chmod and --chown',
    );
    assert.ok(await same({ from: FROM, ...one, more: { excluded: excluder(['**/x', 'd/sub']) } }), 'with --exclude');
  });
}

test('what is merged, or in the way, is left to copyInto', async () => {
  const root = makeRoot('root', { 'to/sub/old': 'old', 'file/x': null, 'link-to': '->to', to2: 'file' });
  const left = async (patterns: string[], destination: string, more: Partial<CopyInto> = {}): Promise<void> => {
    assert.equal(
      await plan({ from: FROM, there: {}, patterns, destination, more }, root),
      undefined,
      `${patterns} ${destination}`,
    );
  };
  await left(['d'], '/to');
  await left(['d'], '/to2');
  await left(['f'], '/to2/below');
  await left(['d'], '/new', { parents: true });
});

test('any tree to anywhere', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'a-b', 'ä');
  const file = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const content = fc.constantFrom('', 'one', '->a', null);
  const files = fc.uniqueArray(fc.tuple(file, content), { maxLength: 6, selector: ([at]) => at }).map((all) => {
    const under = (at: string): boolean => all.some(([other]) => other !== at && at.startsWith(`${other}/`));
    return Object.fromEntries(all.filter(([at]) => !under(at)));
  });
  let planned = 0;
  const cases = fc.record({
    from: files,
    there: files,
    patterns: fc.uniqueArray(file, { minLength: 1, maxLength: 3 }),
    where: file,
  });
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async ({ where, ...one }, slash) => {
      if (await same({ ...one, destination: `/${where}${slash ? '/' : ''}` })) planned++;
    }),
    { numRuns: 60 },
  );
  assert.ok(planned > 12, `${planned} of 60 were told in advance`);
});
