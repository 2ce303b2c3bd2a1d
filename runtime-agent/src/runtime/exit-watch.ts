/** Learns of container exits from the files that conmon leaves, also of those that happened while no engine ran. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Exit {
  /** Container or exec id. */
  readonly id: string;
  readonly code: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ExitWatch extends Disposable {
  /** The exit of this id if it has happened already. */
  find(id: string): Exit | undefined;
  /** Tells of an exit in place of a conmon that is gone; not when it has told of it itself. */
  declare(id: string, code: number): void;
  /** Forgets an exit that has been dealt with. */
  forget(id: string): void;
}

/** @param onExit called once per exit file, in the order in which they appear; not for files already there */
export function watchExits(directory: string, onExit: (exit: Exit) => void): ExitWatch {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // By id the file that was told of: a container that runs again leaves another file of the same name.
  const told = new Map<string, string>();
  const find = (id: string): (Exit & { readonly file: string }) | undefined => {
    try {
      const name = path.join(directory, id);
      const code = Number(readFileSync(name, 'utf8').trim());
      const { ino, mtimeMs } = statSync(name);
      return { id, code: Number.isInteger(code) ? code : 255, at: mtimeMs, file: `${ino}@${mtimeMs}` };
    } catch {
      return undefined;
    }
  };
  for (const name of readdirSync(directory)) told.set(name, find(name)?.file ?? '');
  const watcher = watch(directory, (_event, name) => {
    // conmon writes a temporary file `<id>.XXXXXX` and renames it.
    if (name === null || name.includes('.')) return;
    const exit = find(name);
    if (exit === undefined) {
      told.delete(name);
      return;
    }
    if (told.get(name) === exit.file) return;
    told.set(name, exit.file);
    onExit(exit);
  });
  return {
    find,
    declare(id, code) {
      if (find(id) !== undefined) return;
      writeFileSync(path.join(directory, `${id}.declared`), String(code));
      renameSync(path.join(directory, `${id}.declared`), path.join(directory, id));
    },
    forget: (id) => rmSync(path.join(directory, id), { force: true }),
    [Symbol.dispose]: () => watcher.close(),
  };
}
