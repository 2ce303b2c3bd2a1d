/** The directories of the snapshot store, at the start of an engine. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../host/host.ts';

export interface PrepareOptions {
  readonly host: Pick<Host, 'run'>;
  readonly root: string;
  /** Name of the directory that stands for no layer. */
  readonly empty: string;
  /** Those on record. */
  readonly layers: readonly { readonly hex: string; readonly short: string }[];
}

/** Makes the directories, and sweeps what an earlier engine left without a record. */
export function prepareStore({ host, root, empty, layers }: PrepareOptions): void {
  const at = (...parts: string[]): string => path.join(root, ...parts);
  for (const name of ['', 'l', 'tmp', empty]) {
    const isNew = mkdirSync(at(name), { recursive: true, mode: 0o711 }) !== undefined;
    if (isNew && name === 'tmp') spread(host, at(name));
  }
  const known = new Set(layers.map(({ hex }) => hex));
  for (const name of readdirSync(root)) {
    if (['l', 'tmp', empty].includes(name) || known.has(name.replace(/[.].*/, ''))) continue;
    renameSync(at(name), at('tmp', randomBytes(6).toString('hex')));
  }
  const shorts = new Set(layers.map(({ short }) => short));
  const links = readdirSync(at('l')).filter((name) => !shorts.has(name));
  const junk = [...readdirSync(at('tmp')).map((name) => at('tmp', name)), ...links.map((name) => at('l', name))];
  if (junk.length > 0) void host.run('rm', ['-rf', '--', ...junk], { onFailure: 'return' }).catch(() => {});
}

/**
 * Tells ext4 that the directories made in this one have nothing to do with one another, so that each gets a place of its own.
 * In one place a file system without a journal looks at every file that was deleted there a moment ago before it makes one.
 * Other file systems know no such attribute, and need none.
 */
function spread(host: Pick<Host, 'run'>, directory: string): void {
  void host.run('chattr', ['+T', '--', directory], { onFailure: 'return' }).catch(() => {});
}
