/** Build contexts on disk, with modes, links and times as a case says. */
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuildCase, CONTEXT_TIME, type ContextEntry } from './build-case.ts';

export interface ContextDirectory extends Disposable {
  readonly path: string;
}

export function contextDirectory({ dockerfile, file = 'Dockerfile', files = {} }: BuildCase): ContextDirectory {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-conformance-'));
  for (const [name, entry] of Object.entries({ [file]: dockerfile, ...files })) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    put(folder, target, entry);
  }
  setTimes(folder);
  for (const [name, entry] of Object.entries(files)) {
    if (typeof entry !== 'string' && entry.time !== undefined)
      lutimesSync(path.join(folder, name), entry.time, entry.time);
  }
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function put(folder: string, target: string, entry: ContextEntry): void {
  const given = typeof entry === 'string' ? { content: entry } : entry;
  if (given.link !== undefined) return symlinkSync(given.link, target);
  if (given.hardLink !== undefined) return linkSync(path.join(folder, given.hardLink), target);
  if (given.directory) mkdirSync(target, { recursive: true });
  else if (given.fifo) execFileSync('mkfifo', [target]);
  else writeFileSync(target, given.content ?? '');
  chmodSync(target, given.mode ?? (given.directory ? 0o755 : 0o644));
}

function setTimes(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const target = path.join(folder, entry.name);
    if (entry.isDirectory()) setTimes(target);
    lutimesSync(target, CONTEXT_TIME, CONTEXT_TIME);
  }
  lutimesSync(folder, CONTEXT_TIME, CONTEXT_TIME);
}
