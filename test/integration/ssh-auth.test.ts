/** Every way to prove who you are to a real sshd, and what is said when none works. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { sshPerson } from '../support/ssh-person.ts';
import { makeKey, startSshd, type TestSshd } from '../support/sshd.ts';

let sshd: TestSshd;
before(async () => {
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
});

test('a wrong key: what was tried and what the server accepts', async () => {
  const me = sshPerson(sshd, []);
  makeKey(path.join(me.home, '.ssh', 'id_ed25519'));
  await assert.rejects(me.connect(), (error: EngineError) => {
    assert.equal(error.code, 'unauthorized');
    assert.match(
      error.message,
      /root@127\.0\.0\.1 did not let you in\. Tried: public key \(.*id_ed25519\)\. The server accepts: publickey\./,
    );
    return true;
  });
});

test('a key file that is named but missing is part of the message', async () => {
  const me = sshPerson(sshd, ['IdentityFile ~/.ssh/nowhere']);
  await assert.rejects(me.connect(), { code: 'unauthorized', message: /nowhere cannot be read \(ENOENT\)/ });
});

for (const type of ['ed25519', 'rsa', 'ecdsa'] as const) {
  test(`an encrypted ${type} key: the passphrase is asked, a wrong one again`, async () => {
    const answers = ['wrong', 'open sesame'];
    const me = sshPerson(sshd, ['IdentityFile ~/.ssh/locked'], { passphrase: async () => answers.shift() });
    const key = makeKey(path.join(me.home, '.ssh', 'locked'), type, 'open sesame');
    authorize(sshd, key);
    (await me.connect()).end();
    assert.deepEqual(answers, []);
  });
}

test('an encrypted key that the server does not want is never asked to be opened', async () => {
  const me = sshPerson(sshd, ['IdentityFile ~/.ssh/locked', `IdentityFile ${sshd.keyFile}`]);
  makeKey(path.join(me.home, '.ssh', 'locked'), 'ed25519', 'secret');
  (await me.connect()).end();
  assert.deepEqual(me.asked.passphrases, []);
});

test('three wrong passphrases end it', async () => {
  let asked = 0;
  const me = sshPerson(sshd, ['IdentityFile ~/.ssh/locked'], { passphrase: async () => `guess ${++asked}` });
  authorize(sshd, makeKey(path.join(me.home, '.ssh', 'locked'), 'ed25519', 'open sesame'));
  await assert.rejects(me.connect(), { code: 'unauthorized', message: /Wrong passphrase for .*locked/ });
  assert.equal(asked, 3);
});

test('an SSH agent holds the key; IdentitiesOnly leaves its other keys out', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-agent-'));
  const socket = path.join(folder, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  try {
    while (!exists(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
    execFileSync('ssh-add', ['-q', sshd.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const me = sshPerson(sshd, [`IdentityAgent ${socket}`]);
    (await me.connect()).end();
    const only = sshPerson(sshd, [`IdentityAgent ${socket}`, 'IdentitiesOnly yes', 'IdentityFile ~/.ssh/other']);
    makeKey(path.join(only.home, '.ssh', 'other'));
    await assert.rejects(only.connect(), { code: 'unauthorized' });
    const named = sshPerson(sshd, [`IdentityAgent ${socket}`, 'IdentitiesOnly yes', 'IdentityFile ~/.ssh/mine']);
    writeFileSync(path.join(named.home, '.ssh', 'mine.pub'), readFileSync(`${sshd.keyFile}.pub`));
    (await named.connect()).end();
  } finally {
    agent.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a password, asked again when wrong; giving up is no failure', async () => {
  await using server = await startSshd({ config: ['PasswordAuthentication yes'] });
  const user = `slipway${randomBytes(3).toString('hex')}`;
  execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', user]);
  try {
    execFileSync('chpasswd', { input: `${user}:right horse\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    const answers = ['wrong', 'right horse'];
    const me = sshPerson(server, [`User ${user}`], { password: async () => answers.shift() });
    const session = await me.connect();
    assert.equal((await session.run('id -un')).stdout, `${user}\n`);
    session.end();
    assert.deepEqual(answers, []);
    const quitter = sshPerson(server, [`User ${user}`], {});
    await assert.rejects(quitter.connect(), { code: 'cancelled' });
    const guesser = sshPerson(server, [`User ${user}`], { password: async () => 'no' });
    await assert.rejects(guesser.connect(), { code: 'unauthorized', message: /Tried: password/ });
  } finally {
    execFileSync('userdel', [user]);
  }
});

function authorize(server: TestSshd, key: string): void {
  const file = path.join(server.folder, 'authorized_keys');
  writeFileSync(file, readFileSync(file, 'utf8') + readFileSync(`${key}.pub`, 'utf8'));
}

function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch {
    return false;
  }
}
