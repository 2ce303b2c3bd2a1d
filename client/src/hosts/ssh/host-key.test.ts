import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { hostKeyCheck } from './host-key.ts';
import { fingerprint, knownHostsLine } from './known-hosts.ts';
import type { UnknownHostKey } from './prompts.ts';
import type { SshTarget } from './target.ts';

let folder: string;
const keys: Buffer[] = [];
let file: string;
let count = 0;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-host-key-'));
  for (const [index, type] of ['ed25519', 'ed25519', 'ecdsa'].entries()) {
    const key = path.join(folder, `key${index}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', key]);
    keys.push(Buffer.from(readFileSync(`${key}.pub`, 'utf8').split(' ')[1] ?? '', 'base64'));
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  file = path.join(folder, `home${count++}`, '.ssh', 'known_hosts');
});

const key = (index: number): Buffer => keys[index] ?? Buffer.alloc(0);

function target(more: Partial<SshTarget> = {}): SshTarget {
  return {
    name: 'box',
    host: 'box.test',
    port: 22,
    hostKeyAlias: undefined,
    knownHostsFiles: [file],
    globalKnownHostsFiles: [],
    strictHostKeys: 'ask',
    hashKnownHosts: false,
    ...more,
  } as SshTarget;
}

function know(line: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, line);
}

const never = (): Promise<boolean> => assert.fail('asked');

test('an unknown key is asked about once and written, with a folder that only the person reads', async () => {
  const asked: UnknownHostKey[] = [];
  const check = await hostKeyCheck(target(), async (info) => asked.push(info) > 0);
  assert.deepEqual(check.preferredTypes, []);
  await check.verify(key(0));
  assert.deepEqual(asked, [
    { name: 'box', host: 'box.test', keyType: 'ssh-ed25519', fingerprint: fingerprint(key(0)), otherTypes: [] },
  ]);
  assert.equal(readFileSync(file, 'utf8'), `${knownHostsLine('box.test', key(0), false)}\n`);
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await (await hostKeyCheck(target(), never)).verify(key(0));
});

test('a line is added to a file that does not end with a newline', async () => {
  know('# mine');
  await (await hostKeyCheck(target(), async () => true)).verify(key(0));
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
  assert.ok(readFileSync(file, 'utf8').startsWith('# mine\nbox.test ssh-ed25519 '));
});

test('names are hidden where the configuration says so', async () => {
  await (await hostKeyCheck(target({ hashKnownHosts: true }), async () => true)).verify(key(0));
  assert.match(readFileSync(file, 'utf8'), /^\|1\|/);
  await (await hostKeyCheck(target(), never)).verify(key(0));
});

test('the same connection may show the same key again, but no other', async () => {
  know(`${knownHostsLine('box.test', key(0), false)}\n${knownHostsLine('box.test', key(1), false)}\n`);
  const check = await hostKeyCheck(target(), never);
  await check.verify(key(0));
  await check.verify(key(0));
  await assert.rejects(check.verify(key(1)), {
    code: 'forbidden',
    message: /changed its host key during the connection/,
  });
});

test('known by another type: that type is preferred, and the question says so', async () => {
  know(`${knownHostsLine('box.test', key(2), false)}\n`);
  const asked: UnknownHostKey[] = [];
  const check = await hostKeyCheck(target(), async (info) => asked.push(info) > 0);
  assert.deepEqual(check.preferredTypes, ['ecdsa-sha2-nistp256']);
  await check.verify(key(0));
  assert.deepEqual(asked[0]?.otherTypes, ['ecdsa-sha2-nistp256']);
});

test('the port and an alias are part of where a key is looked up', async () => {
  know(`${knownHostsLine('[box.test]:2222', key(0), false)}\n${knownHostsLine('cluster', key(1), false)}\n`);
  await (await hostKeyCheck(target({ port: 2222 }), never)).verify(key(0));
  await (await hostKeyCheck(target({ port: 2222, hostKeyAlias: 'cluster' }), never)).verify(key(1));
});

test('the system’s list counts too, and nothing is written to it', async () => {
  const global = path.join(folder, 'global');
  writeFileSync(global, `${knownHostsLine('box.test', key(0), false)}\n`);
  await (await hostKeyCheck(target({ globalKnownHostsFiles: [global] }), never)).verify(key(0));
  assert.equal(existsSync(file), false);
});

test('changed and revoked keys are refused with their place; the answer is not even asked for', async () => {
  know(`\n${knownHostsLine('box.test', key(1), false)}\n`);
  await assert.rejects((await hostKeyCheck(target(), never)).verify(key(0)), (error: Error) => {
    assert.ok(error.message.includes(`${file}:2`));
    assert.ok(error.message.includes(`ssh-keygen -R 'box.test' -f '${file}'`));
    return true;
  });
  know(`@revoked ${knownHostsLine('*', key(0), false)}\n`);
  await assert.rejects((await hostKeyCheck(target(), never)).verify(key(0)), {
    code: 'forbidden',
    message: /is revoked/,
  });
});

test('a file that cannot be written is said', async () => {
  const blocked = path.join(folder, 'blocked');
  writeFileSync(blocked, '');
  const check = await hostKeyCheck(target({ knownHostsFiles: [path.join(blocked, 'known_hosts')] }), async () => true);
  await assert.rejects(check.verify(key(0)), { code: 'forbidden', message: /cannot be written to .*blocked/ });
});
