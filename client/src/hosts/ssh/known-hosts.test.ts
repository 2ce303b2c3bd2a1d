import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import {
  checkHostKey,
  fingerprint,
  hostKeyType,
  knownHostsLine,
  knownHostsName,
  knownKeyTypes,
} from './known-hosts.ts';

let folder: string;
const keys: Record<string, Buffer> = {};
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-known-hosts-'));
  for (const [name, type] of [
    ['ed', 'ed25519'],
    ['other', 'ed25519'],
    ['ecdsa', 'ecdsa'],
  ] as const) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path.join(folder, name)]);
    keys[name] = Buffer.from(readFileSync(path.join(folder, `${name}.pub`), 'utf8').split(' ')[1] ?? '', 'base64');
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const key = (name: string): Buffer => keys[name] ?? Buffer.alloc(0);
const line = (patterns: string, name: string): string =>
  `${patterns} ${hostKeyType(key(name))} ${key(name).toString('base64')}`;
const check = (text: string, host: string, name: string) => checkHostKey([{ path: 'kh', text }], host, key(name));

test('the fingerprint is the one ssh-keygen prints', () => {
  const printed = execFileSync('ssh-keygen', ['-lf', path.join(folder, 'ed.pub')], { encoding: 'utf8' });
  assert.equal(fingerprint(key('ed')), printed.split(' ')[1]);
});

test('a listed key is known, the same type with other bytes is changed, another type is unknown', () => {
  const text = `# comment\n\n${line('a.test,b.test', 'ed')} me@x\n`;
  assert.deepEqual(check(text, 'b.test', 'ed'), { kind: 'known' });
  assert.deepEqual(check(text, 'a.test', 'other'), { kind: 'changed', place: { file: 'kh', line: 3 } });
  assert.deepEqual(check(text, 'a.test', 'ecdsa'), { kind: 'unknown', otherTypes: ['ssh-ed25519'] });
  assert.deepEqual(check(text, 'c.test', 'ed'), { kind: 'unknown', otherTypes: [] });
});

test('several keys of one type: any of them will do', () => {
  assert.equal(check(`${line('a', 'ed')}\n${line('a', 'other')}`, 'a', 'other').kind, 'known');
});

test('a port that is not 22 is part of the name', () => {
  assert.equal(knownHostsName('Box.Test', 22), 'box.test');
  assert.equal(knownHostsName('box', 2222), '[box]:2222');
  assert.equal(check(line('[box]:2222', 'ed'), '[box]:2222', 'ed').kind, 'known');
  assert.equal(check(line('box', 'ed'), '[box]:2222', 'ed').kind, 'unknown');
});

test('wildcards and negations', () => {
  const text = line('*.test,!bad.test,host?', 'ed');
  assert.equal(check(text, 'a.test', 'ed').kind, 'known');
  assert.equal(check(text, 'bad.test', 'ed').kind, 'unknown');
  assert.equal(check(text, 'host1', 'ed').kind, 'known');
  assert.equal(check(text, 'hostxx', 'ed').kind, 'unknown');
});

test('names hashed by ssh-keygen -H are found, and ours are found by ssh-keygen -F', () => {
  const file = path.join(folder, 'known_hosts');
  writeFileSync(file, `${line('secret.test', 'ed')}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  const hashed = readFileSync(file, 'utf8');
  assert.ok(hashed.startsWith('|1|'));
  assert.equal(check(hashed, 'secret.test', 'ed').kind, 'known');
  assert.equal(check(hashed, 'secret.test', 'other').kind, 'changed');
  assert.equal(check(hashed, 'other.test', 'ed').kind, 'unknown');
  writeFileSync(file, `${knownHostsLine('[mine.test]:22022', key('ecdsa'), true)}\n`);
  const found = execFileSync('ssh-keygen', ['-F', '[mine.test]:22022', '-f', file], { encoding: 'utf8' });
  assert.match(found, /ecdsa-sha2-nistp256/);
});

test('a revoked key is refused even where it is listed too; an authority makes no plain key known', () => {
  const text = `${line('*', 'ed')}\n@revoked ${line('*', 'ed')}`;
  assert.deepEqual(check(text, 'a', 'ed'), { kind: 'revoked', place: { file: 'kh', line: 2 } });
  assert.equal(check(`@revoked ${line('*', 'ed')}`, 'a', 'other').kind, 'unknown');
  assert.deepEqual(check(`@cert-authority ${line('*', 'ed')}`, 'a', 'ed'), { kind: 'unknown', otherTypes: [] });
});

test('the types to ask for first', () => {
  const files = [
    { path: '1', text: line('a', 'ecdsa') },
    { path: '2', text: `${line('a', 'ed')}\n@cert-authority ${line('a', 'other')}` },
  ];
  assert.deepEqual(knownKeyTypes(files, 'a'), ['ecdsa-sha2-nistp256', 'ssh-ed25519']);
});

test('the line we write makes the key known', () => {
  for (const hash of [false, true]) {
    assert.equal(check(knownHostsLine('[h]:1', key('ed'), hash), '[h]:1', 'ed').kind, 'known');
  }
});

test('no text makes the check fail or a random key known', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, name) => {
      assert.equal(check(text, name, 'ed').kind, 'unknown');
    }),
  );
});
