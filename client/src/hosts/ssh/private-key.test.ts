import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { isEncryptedKey, openPrivateKey, parsePublicKey, publicHalf } from './private-key.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-keys-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A key made by ssh-keygen. @param format PEM is what old OpenSSH wrote */
function make(type: string, passphrase: string, format: 'RFC4716' | 'PEM' = 'RFC4716') {
  const file = path.join(folder, `${type}-${passphrase}-${format}`);
  // One round of key derivation: how it is done is the same as with many.
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-a', '1', '-N', passphrase, '-m', format, '-f', file]);
  const pub = readFileSync(`${file}.pub`, 'utf8');
  return { text: readFileSync(file, 'utf8'), pub, publicKey: Buffer.from(pub.split(' ')[1] ?? '', 'base64') };
}

for (const type of ['ed25519', 'ecdsa', 'rsa']) {
  test(`${type}: the public half is known without the passphrase, the key opens with it only`, () => {
    const open = make(type, '');
    assert.equal(isEncryptedKey(open.text), false);
    assert.deepEqual(publicHalf(open.text, undefined), open.publicKey);
    assert.deepEqual(openPrivateKey(open.text)?.getPublicSSH(), open.publicKey);
    const locked = make(type, 'open sesame');
    assert.equal(isEncryptedKey(locked.text), true);
    assert.deepEqual(publicHalf(locked.text, undefined), locked.publicKey);
    assert.equal(openPrivateKey(locked.text, 'wrong'), undefined);
    assert.equal(openPrivateKey(locked.text), undefined);
    assert.deepEqual(openPrivateKey(locked.text, 'open sesame')?.getPublicSSH(), locked.publicKey);
  });
}

test('an old encrypted PEM says nothing about itself: its .pub does', () => {
  const { text, pub, publicKey } = make('rsa', 'open sesame', 'PEM');
  assert.match(text, /Proc-Type: 4,ENCRYPTED/);
  assert.equal(isEncryptedKey(text), true);
  assert.equal(publicHalf(text, undefined), undefined);
  assert.deepEqual(publicHalf(text, pub), publicKey);
  assert.deepEqual(openPrivateKey(text, 'open sesame')?.getPublicSSH(), publicKey);
  assert.equal(isEncryptedKey(make('rsa', '', 'PEM').text), false);
});

test('encrypted PKCS #8 and PuTTY keys are known as such', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  assert.equal(isEncryptedKey(privateKey), true);
  assert.equal(isEncryptedKey('PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n'), true);
  assert.equal(isEncryptedKey('PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n'), false);
});

test('a public key is no private one, and rubbish is neither', () => {
  const { pub, publicKey } = make('ed25519', 'p');
  assert.deepEqual(parsePublicKey(pub)?.getPublicSSH(), publicKey);
  assert.equal(openPrivateKey(pub), undefined);
  for (const text of ['', 'hello', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n']) {
    assert.equal(openPrivateKey(text), undefined);
    assert.equal(publicHalf(text, undefined), undefined);
  }
});

test('a key file that was cut anywhere is refused, not a crash', () => {
  const { text } = make('ed25519', 'cut');
  fc.assert(
    fc.property(fc.nat(text.length - 1), (length) => {
      const cut = `${text.slice(0, length)}\n-----END OPENSSH PRIVATE KEY-----\n`;
      assert.equal(openPrivateKey(cut, 'wrong'), undefined);
      publicHalf(cut, undefined);
    }),
    { numRuns: 40 },
  );
});
