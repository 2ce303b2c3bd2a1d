/**
 * The engine's durable state: one SQLite file with a table of JSON documents per collection. Writes are synchronous and
 * journalled (WAL), so what was acknowledged survives a kill of the engine.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Collection<T> {
  get(id: string): T | undefined;
  put(id: string, value: T): void;
  delete(id: string): boolean;
  all(): { id: string; value: T }[];
}

export interface Database extends Disposable {
  /** Collections are created when first named. The caller owns the shape: one module per collection. */
  collection<T>(name: string): Collection<T>;
  /** Everything in `work` is committed together, or not at all. */
  transaction<R>(work: () => R): R;
}

/** @param file absolute path, or ':memory:' */
export function openDatabase(file: string): Database {
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true, mode: 0o710 });
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  return {
    collection<T>(name: string): Collection<T> {
      if (!/^[a-z_]+$/.test(name)) throw new Error(`bad collection name ${name}`);
      db.exec(`CREATE TABLE IF NOT EXISTS ${name} (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
      const get = db.prepare(`SELECT value FROM ${name} WHERE id = ?`);
      const put = db.prepare(`INSERT INTO ${name} VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value`);
      const remove = db.prepare(`DELETE FROM ${name} WHERE id = ?`);
      const all = db.prepare(`SELECT id, value FROM ${name} ORDER BY id`);
      return {
        get: (id) => {
          const row = get.get(id);
          return row === undefined ? undefined : (JSON.parse(String(row['value'])) as T);
        },
        put: (id, value) => void put.run(id, JSON.stringify(value)),
        delete: (id) => remove.run(id).changes > 0,
        all: () => all.all().map((row) => ({ id: String(row['id']), value: JSON.parse(String(row['value'])) as T })),
      };
    },
    transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    [Symbol.dispose]: () => db.close(),
  };
}
