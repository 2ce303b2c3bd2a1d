import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { SAME_IDS } from '../../host/id-mapping.ts';
import { linuxHost } from '../../host/linux.ts';
import { visitTar } from '../../snapshots/tar-entries.ts';
import { encodeHeader, type TarEntry } from '../../snapshots/tar-entry.ts';
import { type ContainerView, resolvePlace, viewBelow } from './container-view.ts';
import { packTree } from './pack.ts';
import { unpackTree } from './unpack.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

/** cap_net_raw, as the kernel stores it: version 2, effective. */
const NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
/** The same for those whose root is user 1000: version 3. */
const NET_RAW_OF_1000 = Buffer.from('0100000300200000000000000000000000000000e8030000', 'hex').toString('latin1');
const PLAIN = { linkName: '', uid: 7, gid: 8, deviceMajor: 0, deviceMinor: 0, mtime: '0', size: 0, sparse: [] };
const entry = (name: string, xattrs: TarEntry['xattrs'] = [], type: TarEntry['type'] = '0'): TarEntry => ({
  ...PLAIN,
  type,
  mode: 0o755,
  name: Buffer.from(name).toString('latin1'),
  xattrs,
});
const able = (name: string, value = NET_RAW): TarEntry => entry(name, [['security.capability', value]]);

interface Tree extends AsyncDisposable {
  readonly view: ContainerView;
  readonly scratch: string;
  put(into: string, entries: readonly TarEntry[]): Promise<void>;
  /** What packing a place tells, by name in the archive; only of what has some. */
  capabilities(place: string, hidden?: readonly string[]): Promise<Record<string, TarEntry['xattrs']>>;
}

function tree(): Tree {
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-capabilities-'));
  const [root, volume, scratch] = ['root', 'volume', 'scratch'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [root, volume, scratch, path.join(root, 'data')]) mkdirSync(made);
  const mounts = new Map([['/data', { source: volume, rw: true }]]);
  const view = { ids: SAME_IDS, root, mounts, [Symbol.asyncDispose]: async () => {} };
  return {
    view,
    scratch,
    async put(into, entries) {
      await using found = await resolvePlace(view, into, true);
      await using below = await viewBelow(view, found);
      const tar = [Buffer.concat([...entries.map((one) => encodeHeader(one)), Buffer.alloc(1024)])];
      const how = { host: linuxHost, view: below, directory: into, keepKinds: false, owner: undefined, scratch };
      await unpackTree(
        (async function* () {
          yield* tar;
        })(),
        how,
      );
    },
    async capabilities(place, hidden = []) {
      await using top = await resolvePlace(view, place, false);
      const found: Record<string, TarEntry['xattrs']> = {};
      await visitTar(packTree(linuxHost, view, top, { name: place, hidden: new Set(hidden) }), {
        entry: async ({ name, xattrs }) => {
          if (xattrs.length > 0) found[Buffer.from(name, 'latin1').toString()] = xattrs;
        },
        data: async () => {},
        end: async () => {},
      });
      return found;
    },
    [Symbol.asyncDispose]: async () => rmSync(base, { recursive: true }),
  };
}

test('capabilities are written and packed, whatever the name, and wherever it is mounted', { skip }, async () => {
  await using made = tree();
  const names = ['ping', 'd/a "quoted" one', 'd/two\nlines', 'd/é\\x', '-dash'];
  await made.put('/', [...names.map((name) => able(name)), entry('plain')]);
  await made.put('/data', [able('in/volume')]);
  const all = [...names.map((name) => `/${name}`), '/data/in/volume'].sort();
  const found = await made.capabilities('/');
  assert.deepEqual(Object.keys(found).sort(), all);
  assert.deepEqual(found['/ping'], [['security.capability', NET_RAW]]);
  assert.deepEqual(Object.keys(await made.capabilities('/data')), ['/data/in/volume']);
  assert.deepEqual(Object.keys(await made.capabilities('/data/in/volume')), ['/data/in/volume']);
  assert.deepEqual(Object.keys(await made.capabilities('/-dash')), ['/-dash']);
  assert.deepEqual(Object.keys(await made.capabilities('/plain')), []);
  assert.deepEqual(Object.keys(await made.capabilities('/', ['/d', '/data'])).sort(), ['/-dash', '/ping']);
  assert.deepEqual(readdirSync(made.scratch), [], 'nothing stays behind');
});

test('those of a user namespace are told without it', { skip }, async () => {
  await using made = tree();
  await made.put('/', [able('ping', NET_RAW_OF_1000)]);
  assert.deepEqual(await made.capabilities('/ping'), { '/ping': [['security.capability', NET_RAW]] });
});

test('attributes that cannot be set are told in Docker’s words', { skip }, async () => {
  await using made = tree();
  await made.put('/', [entry('d', [['user.one', 'x']], '5')]);
  const refused = async (one: TarEntry, message: string) =>
    await assert.rejects(made.put('/data', [one]), { code: 'internal', message });
  await refused(
    able('d/broken', 'not a capability'),
    'lsetxattr /data/d/broken: xattr "security.capability": invalid argument',
  );
  await refused(
    entry('f', [['nonsense.name', 'x']], '5'),
    'lsetxattr /data/f: xattr "nonsense.name": operation not supported',
  );
  assert.deepEqual(readdirSync(made.scratch), []);
});
