import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { openDatabase } from './database.ts';
import { MIGRATIONS } from './migrations.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-state-'));
after(() => rmSync(folder, { recursive: true }));

/** A file as a version without schema numbers left it. */
function unversioned(name: string, tables: Readonly<Record<string, Readonly<Record<string, object>>>>): string {
  const file = path.join(folder, name);
  using db = new DatabaseSync(file);
  for (const [table, rows] of Object.entries(tables)) {
    db.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?)`);
    for (const [id, value] of Object.entries(rows)) insert.run(id, JSON.stringify(value));
  }
  return file;
}

const versionOf = (file: string): unknown => {
  using db = new DatabaseSync(file);
  return db.prepare('PRAGMA user_version').get()?.['user_version'];
};

test('networks of the first version get the MTU that the code relies on', () => {
  const plain = { id: 'a', options: {} };
  const chosen = { id: 'b', options: { 'com.docker.network.driver.mtu': '1400' } };
  const file = unversioned('old.db', {
    networks: { a: plain, b: chosen },
    sandboxes: { c: { sandboxId: 's', endpoints: [{ network: chosen, veth: 'v' }] } },
  });
  {
    using database = openDatabase(file);
    const networks = database.collection<{ mtu: number }>('networks');
    assert.deepEqual([networks.get('a')?.mtu, networks.get('b')?.mtu], [1500, 1400]);
    const sandbox = database.collection<{ sandboxId: string; endpoints: { veth: string; network: { mtu: number } }[] }>(
      'sandboxes',
    );
    const { sandboxId, endpoints } = sandbox.get('c') ?? { endpoints: [] };
    assert.deepEqual([sandboxId, endpoints[0]?.veth, endpoints[0]?.network.mtu], ['s', 'v', 1400]);
  }
  assert.equal(versionOf(file), MIGRATIONS.length);
});

test('a step that fails leaves the state as it was, and each runs once', () => {
  const file = unversioned('fails.db', { things: { a: { n: 1 } } });
  const add: (typeof MIGRATIONS)[number] = (database) => {
    const things = database.collection<{ n: number }>('things');
    things.put('a', { n: (things.get('a')?.n ?? 0) + 1 });
  };
  const fail = (): void => {
    throw new Error('broken step');
  };
  assert.throws(() => openDatabase(file, [add, fail]), /broken step/);
  assert.equal(versionOf(file), 0);
  for (const _ of [1, 2]) {
    using database = openDatabase(file, [add]);
    assert.equal(database.collection<{ n: number }>('things').get('a')?.n, 2);
  }
});

test('a new state needs no steps; one of a newer version and one that is none are refused with advice', () => {
  const file = path.join(folder, 'new.db');
  openDatabase(file, [() => assert.fail('nothing to bring up to date')])[Symbol.dispose]();
  assert.equal(versionOf(file), 1);
  assert.throws(() => openDatabase(file, []), {
    code: 'conflict',
    message: /written by a newer version \(its schema is 1, this version knows 0\): start the newer version again/,
  });
  const broken = path.join(folder, 'broken.db');
  writeFileSync(broken, 'this is no database, whatever its name says'.repeat(100));
  assert.throws(() => openDatabase(broken), { code: 'internal', message: /cannot be read \(file is not a database\)/ });
});
