/** `slipway lint` and the language server run from compiled code that an earlier run kept. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { buildAll } from '../../tools/build.ts';
import { startLanguageClient } from '../support/language-client.ts';

const root = path.resolve(import.meta.dirname, '../..');

before(() => buildAll());

function cacheFolder(): { readonly path: string; kept(name: string): string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-compiled-'));
  return {
    path: folder,
    kept(name) {
      const compiled = path.join(folder, 'slipway/compiled');
      const [file] = readdirSync(compiled).filter((one) => one.startsWith(name));
      assert.ok(file, `${name} is kept`);
      return path.join(compiled, file);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function lint(cache: string): Promise<string> {
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const arguments_ = [path.join(root, 'dist/slipway'), 'lint', '--format', 'json', '--shellcheck', 'off', '-'];
  const running = promisify(execFile)(process.execPath, arguments_, { env });
  running.child.stdin?.end('FROM scratch AS Foo\n');
  const { stdout } = await running;
  return stdout;
}

test('the first run keeps what it compiled, for its user alone, and the next finds the same with it', async () => {
  using cache = cacheFolder();
  const first = await lint(cache.path);
  assert.match(first, /StageNameCasing/);
  const kept = cache.kept('lint.cjs');
  const { mode, mtimeMs } = statSync(kept);
  assert.equal(mode & 0o777, 0o600);
  assert.equal(await lint(cache.path), first);
  assert.equal(statSync(kept).mtimeMs, mtimeMs, 'it is used, not made again');
});

test('code of another bundle or another V8 is compiled again', async () => {
  using cache = cacheFolder();
  const first = await lint(cache.path);
  const kept = cache.kept('lint.cjs');
  for (const place of [0, 70]) {
    const bytes = readFileSync(kept);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
    writeFileSync(kept, bytes);
    assert.equal(await lint(cache.path), first);
    assert.notEqual(readFileSync(kept).readUInt8(place), bytes.readUInt8(place), 'made again');
  }
});

test('where nothing can be kept it runs all the same', async () => {
  using cache = cacheFolder();
  writeFileSync(path.join(cache.path, 'slipway'), 'a file where the folder would be');
  assert.match(await lint(cache.path), /StageNameCasing/);
});

test('the language server keeps its own', async () => {
  using cache = cacheFolder();
  const server = path.join(root, 'dist/server/main.cjs');
  {
    await using client = await startLanguageClient({}, { server, env: { XDG_CACHE_HOME: cache.path } });
    await client.open('file:///project/Dockerfile', 'dockerfile', 'FROM scratch AS Foo\n');
    assert.equal((await client.nextDiagnostics('file:///project/Dockerfile')).diagnostics.length, 1);
  }
  assert.ok(statSync(cache.kept('server.cjs')).size > 500_000);
});
