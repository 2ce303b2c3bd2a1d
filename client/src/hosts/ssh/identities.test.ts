import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { agentOver, findIdentities, type Identities } from './identities.ts';
import { parsePublicKey } from './private-key.ts';
import type { SshPrompts } from './prompts.ts';
import type { SshTarget } from './target.ts';

let folder: string;
let agent: ChildProcess;
let agentSocket: string;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-identities-'));
  for (const name of ['first', 'second', 'third']) make(name);
  make('locked', 'open sesame');
  agentSocket = path.join(folder, 'agent.sock');
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
  while (!existsSync(agentSocket)) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const name of ['first', 'second']) {
    execFileSync('ssh-add', ['-q', at(name)], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });
  }
});
after(() => {
  agent.kill();
  rmSync(folder, { recursive: true, force: true });
});

function at(name: string): string {
  return path.join(folder, name);
}

function make(name: string, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '1', '-N', passphrase, '-f', at(name)]);
}

const asked: number[] = [];
async function find(more: Partial<SshTarget>, ...answers: (string | undefined)[]): Promise<Identities> {
  const target = {
    identityFiles: [],
    identityFilesNamed: true,
    identitiesOnly: false,
    agentSocket: undefined,
    ...more,
  };
  asked.length = 0;
  const prompts: SshPrompts = {
    trustHostKey: async () => true,
    passphrase: async (_file, attempt) => {
      asked.push(attempt);
      return answers.shift();
    },
    password: async () => undefined,
    answer: async () => undefined,
  };
  return await findIdentities(target as unknown as SshTarget, prompts);
}

/** Each identity by the name of its key, and where it comes from. */
function names({ list }: Identities): string[] {
  return list.map(({ publicKey, source }) => {
    const name = ['first', 'second', 'third', 'locked'].find((each) =>
      parsePublicKey(readFileSync(`${at(each)}.pub`, 'utf8'))
        ?.getPublicSSH()
        .equals(publicKey),
    );
    return `${name} ${source === 'agent' ? 'agent' : 'file'}`;
  });
}

test('keys of the agent that the configuration names come first, then its others, then files', async () => {
  const found = await find({ agentSocket, identityFiles: [at('third'), at('second')] });
  assert.deepEqual(names(found), ['second agent', 'first agent', 'third file']);
});

test('IdentitiesOnly: no key that is not named', async () => {
  const found = await find({ agentSocket, identitiesOnly: true, identityFiles: [at('third'), at('second')] });
  assert.deepEqual(names(found), ['second agent', 'third file']);
});

test('a public key alone picks a key of the agent', async () => {
  copyFileSync(`${at('first')}.pub`, at('only.pub'));
  const options = { agentSocket, identitiesOnly: true };
  assert.deepEqual(names(await find({ ...options, identityFiles: [at('only')] })), ['first agent']);
  assert.deepEqual(names(await find({ ...options, identityFiles: [at('only.pub')] })), ['first agent']);
  assert.deepEqual(names(await find({ identitiesOnly: true, identityFiles: [at('only')] })), []);
});

test('every identity signs, wherever it is', async () => {
  const data = Buffer.from('to be signed');
  const found = await find({ agentSocket, identityFiles: [at('third'), at('locked')] }, 'open sesame');
  assert.equal(found.list.length, 4);
  for (const { publicKey, sign } of found.list) {
    const signature = await sign(data, {});
    assert.equal(parsePublicKey(publicKey)?.verify(data, signature), true);
  }
});

test('a passphrase is asked when the key is used, once, and again only when it was wrong', async () => {
  const found = await find({ identityFiles: [at('locked')] }, 'wrong', 'open sesame', 'unused');
  assert.deepEqual(asked, []);
  await found.list[0]?.sign(Buffer.from('a'), {});
  await found.list[0]?.sign(Buffer.from('b'), {});
  assert.deepEqual(asked, [1, 2]);
});

test('a passphrase that is not given, or wrong three times', async () => {
  const left = await find({ identityFiles: [at('locked')] }, undefined);
  await assert.rejects(left.list[0]?.sign(Buffer.from('a'), {}) ?? Promise.resolve(), { code: 'cancelled' });
  const wrong = await find({ identityFiles: [at('locked')] }, '1', '2', '3', 'open sesame');
  await assert.rejects(wrong.list[0]?.sign(Buffer.from('a'), {}) ?? Promise.resolve(), { code: 'unauthorized' });
});

test('what cannot be used is told, unless nobody asked for it', async () => {
  writeFileSync(at('rubbish'), '-----BEGIN RSA PRIVATE KEY-----\nnonsense\n-----END RSA PRIVATE KEY-----\n');
  const named = await find({ agentSocket: at('no-agent'), identityFiles: [at('nowhere'), at('rubbish')] });
  assert.deepEqual(named.list, []);
  assert.equal(named.problems.length, 3);
  assert.match(named.problems.join('\n'), /agent at .*no-agent does not answer/);
  assert.match(named.problems.join('\n'), /nowhere cannot be read \(ENOENT\)/);
  assert.match(named.problems.join('\n'), /rubbish is not a key of a supported kind/);
  assert.deepEqual((await find({ identityFilesNamed: false, identityFiles: [at('nowhere')] })).problems, []);
});

test('the library’s agent hands out the keys and reports what does not sign', async () => {
  const found = await find({ identityFiles: [at('third'), at('locked')] }, undefined);
  const problems: string[] = [];
  const over = agentOver(found.list, (error) => problems.push(error.message));
  const keys = await new Promise<readonly unknown[]>((resolve) =>
    over.getIdentities((_error, list) => resolve(list ?? [])),
  );
  assert.equal(keys.length, 2);
  const sign = (key: unknown): Promise<Buffer | undefined> =>
    new Promise((resolve) => {
      const parsed = parsePublicKey(key as Buffer);
      assert.ok(parsed);
      over.sign(parsed, Buffer.from('x'), {}, (_error, signature) => resolve(signature));
    });
  assert.ok(await sign(keys[0]));
  assert.equal(await sign(keys[1]), undefined);
  assert.match(problems.join(), /No passphrase was given for .*locked/);
});
