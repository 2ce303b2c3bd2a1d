/** What a local folder and its copy on a host last agreed on, kept over restarts of the editor. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackedFile } from './pack-changes.ts';

export interface BaseStore {
  readonly state: ReadonlyMap<string, string>;
  set(name: string, state: string | undefined): void;
  update(files: readonly PackedFile[]): void;
  /** Written soon, and once for many changes. */
  save(): void;
  flush(): Promise<void>;
}

const SAVE_MS = 500;

/** @param instance of the workspace: another one means that the host's copy was made anew, and nothing is agreed on */
export async function openBaseStore(file: string, instance: string): Promise<BaseStore> {
  const state = new Map(await load(file, instance));
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const temporary = `${file}.new`;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify({ instance, state: Object.fromEntries(state) }));
    await rename(temporary, file);
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write, write);
    await writing;
  };
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) state.delete(name);
    else state.set(name, value);
  };
  return {
    state,
    set,
    update(files) {
      for (const { path: name, state: value } of files) set(name, value);
    },
    save() {
      // a lost file costs a comparison, no data: its errors are nobody's trouble
      timer ??= setTimeout(() => void flush().catch(() => {}), SAVE_MS);
    },
    flush,
  };
}

async function load(file: string, instance: string): Promise<[string, string][]> {
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null) return [];
    if (!('instance' in stored) || stored.instance !== instance || !('state' in stored)) return [];
    return Object.entries(stored.state as object).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
  } catch {
    return [];
  }
}
