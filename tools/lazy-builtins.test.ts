import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.ts';

const PROGRAM = `
import http, { createServer, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
const loaded = (name) => process.moduleLoadList.includes('NativeModule ' + name);
const before = loaded('http');
class Own extends ServerResponse {}
const server = createServer({ ServerResponse: Own }, (_, response) => response.end(String(response instanceof Own)));
await promisify(server.listen).call(server, 0);
const said = await new Promise((resolve) => http.get({ port: server.address().port }, (answer) => answer.on('data', resolve)));
server.close();
console.log(JSON.stringify([before, loaded('http'), loaded('internal/deps/undici/undici'), String(said)]));
`;

test('a module of Node’s is loaded when it is used, and then no more of it than is used', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-lazy-'));
  try {
    const [entry, outfile] = ['in.mjs', 'out.mjs'].map((name) => path.join(folder, name)) as [string, string];
    writeFileSync(entry, PROGRAM);
    await build({
      bundle: true,
      platform: 'node',
      format: 'esm',
      entryPoints: [entry],
      outfile,
      plugins: [lazyBuiltins(['http', 'util'])],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const said = execFileSync(process.execPath, [outfile], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), [false, true, false, 'true']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
