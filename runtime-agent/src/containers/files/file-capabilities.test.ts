import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { linuxHost } from '../../host/linux.ts';
import { encodeHeader, type TarEntry } from '../../snapshots/tar-entry.ts';
import { fileCapabilities } from './file-capabilities.ts';

const skip = process.getuid?.() !== 0 && 'needs root';

/** cap_net_raw, as the kernel stores it: version 2, effective. */
const NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
const PLAIN = { linkName: '', uid: 0, gid: 0, deviceMajor: 0, deviceMinor: 0, mtime: '0', size: 0, sparse: [] };
const file = (name: string, xattrs: TarEntry['xattrs'] = []): TarEntry => ({
  ...PLAIN,
  type: '0',
  mode: 0o755,
  name: Buffer.from(name).toString('latin1'),
  xattrs,
});

test('capabilities are found, whatever the name; other attributes are not', { skip }, async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-capabilities-'));
  try {
    const able = ['ping', 'd/a "quoted" one', 'd/two\nlines', 'd/é\\x'];
    const entries = [...able.map((name) => file(name, [['security.capability', NET_RAW]])), file('plain')];
    const input = Buffer.concat([...entries.map((one) => encodeHeader(one)), Buffer.alloc(1024)]);
    const extract = ['--extract', '--xattrs', '--xattrs-include=security.capability', '-C', root];
    execFileSync('tar', extract, { input });
    const found = await fileCapabilities(linuxHost, root);
    assert.deepEqual([...found.keys()].map((name) => Buffer.from(name, 'latin1').toString()).sort(), able.sort());
    assert.deepEqual(found.get('ping'), [['security.capability', NET_RAW]]);
    assert.equal((await fileCapabilities(linuxHost, path.join(root, 'nowhere'))).size, 0);
  } finally {
    rmSync(root, { recursive: true });
  }
});
