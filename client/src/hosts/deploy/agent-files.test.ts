import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { writeAgentArchive } from './agent-archive.ts';
import { filesFor, hasNativeModule, nativeModuleFor, nativeModuleVersion, readAgentFiles } from './agent-files.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-agent-files-'));
  const files = {
    'agent.mjs': 'run',
    'agent.mjs.map': 'not sent',
    'node_modules/node-unix-socket/package.json': '{ "version": "1.2.3" }',
    'node_modules/node-unix-socket-linux-x64-gnu/a.node': 'x64',
    'node_modules/node-unix-socket-linux-arm64-gnu/a.node': 'arm64',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
});
after(() => rm(folder, { recursive: true, force: true }));

async function namesIn(archive: string): Promise<string[]> {
  const names: string[] = [];
  const entries = extract();
  Readable.from([gunzipSync(await readFile(archive))]).pipe(entries);
  for await (const entry of entries) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

test('each host is sent the native module of its own kind', async () => {
  const agent = await readAgentFiles(folder);
  const sent = async (facts: { arch: string; musl: boolean }): Promise<string[]> => {
    const archive = path.join(folder, '../', `${path.basename(folder)}.tgz`);
    await writeAgentArchive(agent.folder, filesFor(agent, nativeModuleFor(facts)), archive);
    const names = await namesIn(archive);
    await rm(archive);
    return names;
  };
  const always = ['agent.mjs', 'node_modules/node-unix-socket/package.json'];
  const arm = 'node_modules/node-unix-socket-linux-arm64-gnu/a.node';
  assert.deepEqual(await sent({ arch: 'arm64', musl: false }), [always[0], arm, always[1]]);
  assert.deepEqual(await sent({ arch: 'x64', musl: true }), always);
});

test('what it lacks is known, with the version to fetch', async () => {
  const agent = await readAgentFiles(folder);
  assert.equal(hasNativeModule(agent, 'node-unix-socket-linux-x64-gnu'), true);
  assert.equal(hasNativeModule(agent, 'node-unix-socket-linux-x64-musl'), false);
  assert.equal(await nativeModuleVersion(agent), '1.2.3');
});
