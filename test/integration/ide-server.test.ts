import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ideAt } from '../../tools/setup/ide.ts';
import { startIdeServer } from '../../tools/world/ide-server.ts';
import { freePort } from '../../tools/world/registry.ts';

test("VS Code's server: only with its token, only on loopback, and nothing runs after it", async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-ide-'));
  try {
    const port = await freePort();
    {
      await using server = await startIdeServer({ ide: ideAt(), home, port, settings: { 'editor.tabSize': 3 } });
      const url = server.urlFor('/some/folder');
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?folder=\/some\/folder&tkn=[0-9a-f]{40}$/);
      assert.equal((await fetch(url.replace(/tkn=.*/, 'tkn=wrong'))).status, 403);
      const welcome = await fetch(url, { redirect: 'manual' });
      assert.equal(welcome.status, 302);
      assert.match(welcome.headers.get('set-cookie') ?? '', /^vscode-tkn=/);
      assert.deepEqual(await listeningAddresses(port), ['127.0.0.1']);
      assert.equal((await stat(path.join(home, 'token'))).mode & 0o777, 0o600);
    }
    assert.deepEqual(await processesNaming(home), []);
    assert.match(await readFile(path.join(home, 'user/User/settings.json'), 'utf8'), /tabSize/);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

/** From /proc/net/tcp and tcp6, proc(5). */
async function listeningAddresses(port: number): Promise<string[]> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = (await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')))).join('\n');
  const local = [...lines.matchAll(new RegExp(` ([0-9A-F]+):${hex} 0+:0000 0A `, 'g'))].map(([, address]) => address);
  return local.map((address) => (address === '0100007F' ? '127.0.0.1' : String(address)));
}

async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(text));
}
