import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { mapIds } from '../host/id-mapping.ts';
import { repackLayer } from './repack.ts';
import { unpackLayer } from './unpack.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-remapped-'));
after(() => rmSync(root, { recursive: true }));
const range = [{ containerID: 0, hostID: 3_000_000, size: 1000 }]; // more than an old header's octal digits say
const host = { ...linuxHost, ids: mapIds(range, range) };

function layer(format: string): Buffer {
  const source = path.join(root, `source-${format}`);
  mkdirSync(source);
  writeFileSync(path.join(source, 'file'), 'x');
  writeFileSync(path.join(source, 'hole'), 'y');
  truncateSync(path.join(source, 'hole'), 1 << 20);
  symlinkSync('file', path.join(source, 'link'));
  for (const name of ['file', 'hole']) chownSync(path.join(source, name), 5, 6);
  return execFileSync('tar', ['--create', `--format=${format}`, '--sparse', '-C', source, 'file', 'hole', 'link']);
}

for (const format of ['oldgnu', 'posix']) {
  test(`a ${format} layer is the containers’ on disk, and what it was as a tar`, async () => {
    const directory = path.join(root, `layer-${format}`);
    mkdirSync(directory);
    await unpackLayer({ host, directory, tar: pieces(layer(format)) });
    const owner = (name: string): number[] => {
      const { uid, gid } = lstatSync(path.join(directory, name));
      return [uid, gid];
    };
    assert.deepEqual(owner('file'), [3_000_005, 3_000_006]);
    assert.deepEqual(owner('hole'), [3_000_005, 3_000_006]);
    assert.deepEqual(owner('link'), [3_000_000, 3_000_000]);
    const chunks: Buffer[] = [];
    for await (const chunk of repackLayer({ host, directory })) chunks.push(chunk);
    const list = execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], { input: Buffer.concat(chunks) });
    assert.deepEqual(list.toString().match(/\d+\/\d+/g), ['5/6', '5/6', '0/0']);
  });
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}
