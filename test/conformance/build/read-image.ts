/** What an image is: its files above the base, layer by layer, and its configuration, from what `docker save` gives. */
import { createHash } from 'node:crypto';
import { createTarReader } from '../../../runtime-agent/src/snapshots/tar-reader.ts';
import type { TarEntry } from '../../../runtime-agent/src/snapshots/tar-entry.ts';
import { gunzipSync } from 'node:zlib';

export interface ImageFacts {
  readonly config: Readonly<Record<string, unknown>>;
  /** `CREATED BY` lines; `-` in front of those without a layer. */
  readonly history: readonly string[];
  /** Path -> what it is, of all layers above the base together. A removed path is `removed`. */
  readonly tree: Readonly<Record<string, string>>;
  /** Paths of each layer above the base. */
  readonly layers: readonly (readonly string[])[];
}

interface SavedManifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}
interface SavedConfig {
  readonly author?: string;
  readonly config?: Record<string, unknown>;
  readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** @param baseDiffIds layers that are left out */
export function readSavedImage(
  tar: Buffer,
  baseDiffIds: ReadonlySet<string>,
): ImageFacts & { diffIds: readonly string[] } {
  const files = new Map<string, Buffer>();
  readTar(tar, (entry, data) => files.set(entry.name.replace(/^\.\//, ''), data));
  const json = (name: string): unknown => JSON.parse((files.get(name) ?? Buffer.from('null')).toString());
  const [manifest] = json('manifest.json') as SavedManifest[];
  if (manifest === undefined) throw new Error('the saved archive has no image');
  const config = json(manifest.Config) as SavedConfig;
  const tree: Record<string, string> = {};
  const layers: string[][] = [];
  for (const [i, name] of manifest.Layers.entries()) {
    if (baseDiffIds.has(config.rootfs.diff_ids[i] ?? '')) continue;
    layers.push(applyLayer(tree, files.get(name) ?? Buffer.alloc(0)));
  }
  return {
    config: sorted({ ...config.config, ...(config.author ? { author: config.author } : {}) }) as Record<
      string,
      unknown
    >,
    history: (config.history ?? []).map(({ created_by = '', empty_layer }) => (empty_layer ? '-' : '') + created_by),
    tree: sorted(tree) as Record<string, string>,
    layers,
    diffIds: config.rootfs.diff_ids,
  };
}

function applyLayer(tree: Record<string, string>, bytes: Buffer): string[] {
  const layer = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const paths: string[] = [];
  readTar(layer, (entry, data) => {
    const name = Buffer.from(entry.name, 'latin1')
      .toString()
      .replace(/^\.?\//, '')
      .replace(/\/$/, '');
    if (name === '' || name === '.') return;
    paths.push(name);
    const base = name.slice(name.lastIndexOf('/') + 1);
    const folder = name.slice(0, name.length - base.length);
    if (base === '.wh..wh..opq') return forget(tree, folder);
    if (base.startsWith('.wh.')) {
      const gone = folder + base.slice(4);
      forget(tree, `${gone}/`);
      tree[gone] = 'removed';
      return;
    }
    if (entry.type !== '5') forget(tree, `${name}/`);
    tree[name] = describe(entry, data, tree);
  });
  return paths.sort();
}

function forget(tree: Record<string, string>, prefix: string): void {
  for (const name of Object.keys(tree)) if (name.startsWith(prefix)) delete tree[name];
}

const DAY = 86_400;

function describe(entry: TarEntry, data: Buffer, tree: Readonly<Record<string, string>>): string {
  const { type, mode, uid, gid, mtime, xattrs } = entry;
  if (type === '1')
    return (
      tree[
        Buffer.from(entry.linkName, 'latin1')
          .toString()
          .replace(/^\.?\//, '')
      ] ?? 'lost link'
    );
  const when = Math.abs(Number(mtime) - Date.now() / 1000) < DAY ? 'now' : String(Math.floor(Number(mtime)));
  const kind = { 0: 'file', 1: 'link', 2: 'symlink', 3: 'char', 4: 'block', 5: 'dir', 6: 'fifo' }[type];
  const content = type === '0' ? ` ${data.length} ${createHash('sha256').update(data).digest('hex').slice(0, 16)}` : '';
  const target = type === '2' ? ` -> ${Buffer.from(entry.linkName, 'latin1').toString()}` : '';
  const attributes = xattrs.map(([name, value]) => ` ${name}=${Buffer.from(value, 'latin1').toString('hex')}`).join('');
  return `${kind} ${mode.toString(8)} ${uid}:${gid} ${when}${content}${target}${attributes}`;
}

function readTar(bytes: Buffer, take: (entry: TarEntry, data: Buffer) => void): void {
  let current: TarEntry | undefined;
  let parts: Buffer[] = [];
  const flush = (): void => {
    if (current !== undefined) take(current, Buffer.concat(parts));
    current = undefined;
    parts = [];
  };
  const reader = createTarReader({
    entry(entry) {
      flush();
      current = entry;
    },
    data: (chunk) => void parts.push(Buffer.from(chunk)),
  });
  reader.feed(bytes);
  flush();
}

/** Keys in order, all the way down; members that say nothing left out. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => !isEmpty(member));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}
