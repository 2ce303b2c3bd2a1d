/**
 * Makes a layer's entries safe and ready for overlayfs. It knows, while the layer streams through, which directories and
 * symlinks the layer has made so far, and gives each entry the path at which it really lands in an empty root: `..` never
 * climbs above the root, and a path through a symlink goes where the link points *inside* the layer. What is written after
 * it therefore never meets a symlink in the middle of a path. Whiteouts become what overlayfs understands (kernel
 * Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */
import { EngineError } from '#model/engine-api/errors.ts';
import type { TarEntry } from './tar-entry.ts';

export interface LayerTree {
  /** The entries to write in place of this one, in order; only the last one may have the original's data. */
  place(entry: TarEntry): readonly TarEntry[];
  /** Directories so far that no entry described, by real path. */
  readonly implied: ReadonlySet<string>;
  /** Hard links of an archive to what it does not bring: the real path of what they link, by their own. */
  readonly links: ReadonlyMap<string, string>;
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** AUFS' own bookkeeping, which old images carry. */
const AUFS = '.wh..wh.';
const OPAQUE_XATTR = ['trusted.overlay.opaque', 'y'] as const;
/** Overlayfs' own attributes are never taken from an image: `redirect` would show another directory's content. */
const OVERLAY_XATTR = /^(trusted|user)\.overlay\./;
const LINK_LIMIT = 255;

/** What the layer has brought so far, by real path. */
interface Tree {
  readonly directories: Map<string, TarEntry>;
  /** Symlinks and their targets. */
  readonly links: Map<string, string>;
  /** Everything else. */
  readonly others: Set<string>;
  /** Names that the layer hides. */
  readonly whiteouts: Set<string>;
  readonly implied: Set<string>;
  readonly isPlain: boolean;
  readonly outer: Map<string, string>;
}

/** @param isPlain an archive, to which `.wh.x` is a name like any other */
export function createLayerTree(isPlain = false): LayerTree {
  const nothing = { directories: new Map(), links: new Map(), others: new Set<string>(), whiteouts: new Set<string>() };
  const tree: Tree = { ...nothing, implied: new Set(), isPlain, outer: new Map() };
  return { place: (entry) => place(tree, entry), implied: tree.implied, links: tree.outer };
}

function place(tree: Tree, entry: TarEntry): readonly TarEntry[] {
  const parts = clean(entry.name);
  const base = parts.pop();
  if (base === undefined) return []; // the root itself: the container's own upper directory stands for it
  const made: TarEntry[] = [];
  const parent = realPath(tree, parts, made);
  if (!tree.isPlain && base.startsWith(WHITEOUT)) return placeWhiteout(tree, { parent, base, entry, made });
  const name = join(parent, base);
  if (entry.type === '2' && entry.linkName.includes('\0')) throw outside(entry.linkName);
  const linkName = entry.type === '1' ? hardLinkTarget(tree, entry, made) : entry.linkName;
  if (entry.type === '1' && tree.isPlain && !isHere(tree, linkName)) {
    tree.outer.set(name, linkName);
    return made;
  }
  const xattrs = entry.xattrs.filter(([key]) => !OVERLAY_XATTR.test(key) && !key.includes('\0'));
  if (entry.type === '1' && linkName === name) return made;
  tree.implied.delete(name);
  return [...made, remember(tree, { ...entry, name, linkName, xattrs })];
}

function join(parent: string, base: string): string {
  return parent === '' ? base : `${parent}/${base}`;
}

/** The real path of `parts`, with entries for the directories on the way that the layer did not bring. */
function realPath(tree: Tree, parts: readonly string[], made: TarEntry[]): string {
  const todo = [...parts].reverse();
  let at = '';
  for (let hops = 0; todo.length > 0; ) {
    const part = todo.pop() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const path = join(at, part);
    const target = tree.links.get(path);
    if (target !== undefined) {
      if (++hops > LINK_LIMIT) throw new EngineError('invalid', `too many levels of symbolic links: ${show(path)}`);
      if (target.startsWith('/')) at = '';
      todo.push(...target.split('/').reverse());
      continue;
    }
    if (tree.others.has(path)) throw new EngineError('invalid', `${show(path)} is not a directory in the layer`);
    if (!tree.directories.has(path)) {
      made.push(remember(tree, directoryEntry(path)));
      tree.implied.add(path);
    }
    at = path;
  }
  return at;
}

/** Notes the entry; gives it as it is to be written. */
function remember(tree: Tree, entry: TarEntry): TarEntry {
  const { directories, links, others, whiteouts } = tree;
  const { name: path, type } = entry;
  links.delete(path);
  others.delete(path);
  if (type === '5') {
    directories.set(path, entry);
    return whiteouts.has(path) ? markOpaque(tree, path) : entry;
  }
  if (directories.delete(path) && isParent(path, directories, links, others)) {
    throw new EngineError('invalid', `the layer has ${show(path)} as a directory with entries and as something else`);
  }
  if (type === '2') links.set(path, entry.linkName);
  else others.add(path);
  return entry;
}

function isParent(path: string, ...known: readonly (Map<string, unknown> | Set<string>)[]): boolean {
  const prefix = `${path}/`;
  return known.some((paths) => [...paths.keys()].some((key) => key.startsWith(prefix)));
}

/** The directory's entry again, hiding what lower layers have in it. */
function markOpaque({ directories }: Tree, path: string): TarEntry {
  const entry = directories.get(path) ?? directoryEntry(path);
  const already = entry.xattrs.some(([name]) => name === OPAQUE_XATTR[0]);
  const marked = already ? entry : { ...entry, xattrs: [...entry.xattrs, OPAQUE_XATTR] };
  directories.set(path, marked);
  return marked;
}

interface Whiteout {
  readonly parent: string;
  readonly base: string;
  readonly entry: TarEntry;
  readonly made: readonly TarEntry[];
}

function placeWhiteout(tree: Tree, { parent, base, entry, made }: Whiteout): readonly TarEntry[] {
  if (base === OPAQUE) return parent === '' ? made : [...made, markOpaque(tree, parent)];
  if (base.startsWith(AUFS)) return made;
  const hidden = base.slice(WHITEOUT.length);
  if (hidden === '' || hidden === '.' || hidden === '..') throw outside(entry.name);
  const path = join(parent, hidden);
  tree.whiteouts.add(path);
  if (tree.directories.has(path)) return [...made, markOpaque(tree, path)];
  // A whiteout hides what lower layers have, never what this layer brings (image-spec layer.md, "Whiteouts").
  if (tree.links.has(path) || tree.others.has(path)) return made;
  const { uid, gid, mtime } = entry;
  return [...made, { ...directoryEntry(path), type: '3', mode: 0, uid, gid, mtime }];
}

function isHere({ others, links }: Tree, file: string): boolean {
  return others.has(file) || links.has(file);
}

function hardLinkTarget(tree: Tree, { name, linkName }: TarEntry, made: TarEntry[]): string {
  const parts = clean(linkName);
  const base = parts.pop();
  if (base === undefined) throw outside(linkName);
  const target = join(realPath(tree, parts, made), base);
  if (isHere(tree, target) || tree.isPlain) return target;
  throw new EngineError('invalid', `invalid hardlink ${show(name)} -> ${show(linkName)}`);
}

/** The components of a name. Throws EngineError('invalid') when it names something outside the root. */
function clean(name: string): string[] {
  if (name.includes('\0')) throw outside(name);
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw outside(name);
  }
  return parts;
}

/** A directory that no entry described: as `mkdir` by root makes it. */
function directoryEntry(name: string): TarEntry {
  const nothing = { linkName: '', uid: 0, gid: 0, size: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  return { ...nothing, type: '5', name, mode: 0o755, mtime: '0' };
}

function outside(name: string): EngineError {
  return new EngineError('invalid', `${show(name)} is outside of the layer's root: the layer is malformed or hostile`);
}

function show(name: string): string {
  return JSON.stringify(Buffer.from(name, 'latin1').toString());
}
