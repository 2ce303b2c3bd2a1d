/**
 * The engine's durable state: one SQLite file with a table of JSON documents per collection. Writes are synchronous and
 * journalled (WAL), so what was acknowledged survives a kill of the engine.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Collection, Database } from './collection.ts';
import { type RecentDocuments, recentDocuments } from './recent-documents.ts';
import { type Migration, MIGRATIONS } from './migrations.ts';

/**
 * Opens the state and brings what an earlier version wrote up to date.
 * Throws EngineError('conflict') for the state of a newer version.
 * @param file absolute path, or ':memory:'
 */
export function openDatabase(file: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true, mode: 0o710 });
  const db = openFile(file);
  const database = overFile(db);
  try {
    migrate({ db, database, file, migrations });
  } catch (error) {
    db.close();
    throw error;
  }
  return database;
}

function openFile(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    return db;
  } catch (cause) {
    const advice = 'put a backup in its place, or move it away: containers and images then have to be made again';
    throw new EngineError('internal', `the state ${file} cannot be read (${messageOf(cause)}): ${advice}`, { cause });
  }
}

function overFile(db: DatabaseSync): Database {
  const parsed = new Map<string, RecentDocuments<unknown>>();
  return {
    collection<T>(name: string, recent = 0): Collection<T> {
      if (!/^[a-z_]+$/.test(name)) throw new Error(`bad collection name ${name}`);
      db.exec(`CREATE TABLE IF NOT EXISTS ${name} (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
      const get = db.prepare(`SELECT value FROM ${name} WHERE id = ?`);
      // What is there already, as after each step of a build that is found in the cache, is not written again.
      const update = `DO UPDATE SET value = excluded.value WHERE value <> excluded.value`;
      const put = db.prepare(`INSERT INTO ${name} VALUES (?, ?) ON CONFLICT (id) ${update}`);
      const remove = db.prepare(`DELETE FROM ${name} WHERE id = ?`);
      const all = db.prepare(`SELECT id, value FROM ${name} ORDER BY id`);
      const stored: Collection<T> = {
        get: (id) => {
          const row = get.get(id);
          return row === undefined ? undefined : (JSON.parse(String(row['value'])) as T);
        },
        put: (id, value) => void put.run(id, JSON.stringify(value)),
        delete: (id) => remove.run(id).changes > 0,
        all: () => all.all().map((row) => ({ id: String(row['id']), value: JSON.parse(String(row['value'])) as T })),
      };
      if (recent === 0) return stored;
      const documents = (parsed.get(name) as RecentDocuments<T> | undefined) ?? recentDocuments(stored, recent);
      parsed.set(name, documents);
      return documents;
    },
    transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        db.exec('ROLLBACK');
        for (const documents of parsed.values()) documents.forget();
        throw error;
      }
    },
    [Symbol.dispose]: () => db.close(),
  };
}

interface Migrating {
  readonly db: DatabaseSync;
  readonly database: Database;
  readonly file: string;
  readonly migrations: readonly Migration[];
}

/** All steps or none: a kill in the middle leaves the state as it was. */
function migrate({ db, database, file, migrations }: Migrating): void {
  const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  const fresh = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table'").get() === undefined;
  const newest = migrations.length;
  if (found > newest) {
    throw new EngineError(
      'conflict',
      `the state ${file} was written by a newer version (its schema is ${found}, this version knows ${newest}): start the newer version again, or use another --data-root`,
    );
  }
  if (found === newest) return;
  database.transaction(() => {
    if (!fresh) for (const step of migrations.slice(found)) step(database);
    db.exec(`PRAGMA user_version = ${newest}`);
  });
}
