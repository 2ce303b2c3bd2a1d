/**
 * What is kept of ended builds: one folder per build, which appears when it has been written, with the record and what it names
 * by digest (logs, provenance).
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BuildHistoryRecord } from '../messages/history.ts';
import type { ValueOf } from '../wire/protobuf.ts';

export type BuildRecord = Partial<ValueOf<typeof BuildHistoryRecord>> & { readonly Ref: string };

export interface EndedBuild {
  readonly record: BuildRecord;
  /** What the record names. */
  readonly blobs: readonly Buffer[];
}

export interface RecordFiles {
  /** Those that can be read. */
  all(): Promise<BuildRecord[]>;
  write(build: EndedBuild): Promise<void>;
  /** The record alone, in place of what is there. */
  rewrite(record: BuildRecord): Promise<void>;
  remove(ref: string): Promise<void>;
  /** @param ref of the build that names it */
  blob(ref: string, digest: string): Promise<Buffer | undefined>;
}

const RECORD = 'record';
const PARTIAL = '.partial-';

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @param folder made when a build is written */
export function openRecordFiles(folder: string): RecordFiles {
  const nameOf = (ref: string): string => createHash('sha256').update(ref).digest('hex');
  const placeOf = (ref: string): string => path.join(folder, nameOf(ref));
  return {
    async all() {
      const names = await readdir(folder).catch(() => []);
      const found = await Promise.all(
        names.map(async (name) => {
          if (name.startsWith(PARTIAL)) return [];
          try {
            return [BuildHistoryRecord.decode(await readFile(path.join(folder, name, RECORD)))];
          } catch {
            return [];
          }
        }),
      );
      return found.flat();
    },
    async write({ record, blobs }) {
      const partial = path.join(folder, `${PARTIAL}${nameOf(record.Ref)}`);
      await mkdir(partial, { recursive: true, mode: 0o700 });
      for (const blob of blobs) await writeFile(path.join(partial, digestOf(blob).slice('sha256:'.length)), blob);
      await writeFile(path.join(partial, RECORD), BuildHistoryRecord.encode(record));
      await rm(placeOf(record.Ref), { recursive: true, force: true });
      await rename(partial, placeOf(record.Ref));
    },
    async rewrite(record) {
      const file = path.join(placeOf(record.Ref), RECORD);
      await writeFile(`${file}.new`, BuildHistoryRecord.encode(record), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    remove: (ref) => rm(placeOf(ref), { recursive: true, force: true }),
    async blob(ref, digest) {
      const file = path.join(placeOf(ref), digest.slice('sha256:'.length));
      return await readFile(file).catch(() => undefined); // forgotten meanwhile
    },
  };
}
