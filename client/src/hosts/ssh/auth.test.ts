import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';
import { type SshAuth, sshAuth } from './auth.ts';
import type { SshPrompts } from './prompts.ts';
import type { AuthMethod, SshTarget } from './target.ts';

let folder: string;
let keyFile: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-auth-'));
  keyFile = path.join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function target(more: Partial<SshTarget> = {}): SshTarget {
  return {
    name: 'box',
    host: 'box',
    user: 'me',
    identityFiles: [keyFile],
    identityFilesNamed: true,
    identitiesOnly: false,
    agentSocket: undefined,
    authentications: ['publickey', 'keyboard-interactive', 'password'],
    ...more,
  } as SshTarget;
}

function prompts(more: Partial<SshPrompts> = {}): SshPrompts {
  return {
    trustHostKey: async () => true,
    passphrase: async () => undefined,
    password: async () => 'secret',
    answer: async () => 'answer',
    ...more,
  };
}

/** What is tried next after the server has refused and named what it still accepts. */
function next(auth: SshAuth, left: readonly string[] | null): Promise<AnyAuthMethod | false> {
  return new Promise((resolve) => auth.handler(left as never, false, resolve as never));
}

const ALL = ['publickey', 'keyboard-interactive', 'password'];

test('first nothing, to hear what is accepted; then keys, questions and passwords, three times each', async () => {
  const auth = await sshAuth(target(), prompts());
  const tried: string[] = [];
  for (let left: readonly string[] | null = null; ; left = ALL) {
    const method = await next(auth, left);
    if (method === false) break;
    tried.push(method.type);
  }
  const three = (name: string): string[] => [name, name, name];
  assert.deepEqual(tried, ['none', 'agent', ...three('keyboard-interactive'), ...three('password')]);
  const { code, message } = auth.failure();
  assert.equal(code, 'unauthorized');
  assert.match(
    message,
    /^me@box did not let you in\. Tried: public key \(.*key\), keyboard-interactive, password\. The server accepts: publickey, /,
  );
});

test('the order of the configuration, and only what the server accepts', async () => {
  const auth = await sshAuth(target({ authentications: ['password', 'publickey'] }), prompts());
  await next(auth, null);
  assert.deepEqual(await next(auth, ['password']), { type: 'password', username: 'me', password: 'secret' });
  const second = await next(auth, ['publickey']);
  assert.equal(second === false ? second : second.type, 'agent');
  assert.equal(await next(auth, ['hostbased']), false);
});

test('without a key that method is passed over, and the message says so', async () => {
  const auth = await sshAuth(target({ identityFiles: [path.join(folder, 'none')] }), prompts());
  await next(auth, null);
  assert.equal(await next(auth, ['publickey']), false);
  assert.match(
    auth.failure().message,
    /There was no key to try\. The server accepts: publickey\. .*none cannot be read \(ENOENT\)\./,
  );
});

test('who leaves the password box has cancelled, and is asked no more', async () => {
  let asked = 0;
  const auth = await sshAuth(target(), prompts({ password: async () => void asked++ }));
  await next(auth, null);
  assert.equal(await next(auth, ['password']), false);
  assert.equal(await next(auth, ['password']), false);
  assert.equal(asked, 1);
  assert.equal(auth.failure().code, 'cancelled');
});

test('the attempts are counted for the person', async () => {
  const attempts: number[] = [];
  const auth = await sshAuth(target(), prompts({ password: async (_who, attempt) => (attempts.push(attempt), 'x') }));
  await next(auth, null);
  for (let i = 0; i < 5; i++) await next(auth, ['password']);
  assert.deepEqual(attempts, [1, 2, 3]);
});

test('the server’s questions are put one by one; after one is left no other is asked', async () => {
  const questions: string[] = [];
  const answers = ['123', undefined];
  const answer: SshPrompts['answer'] = async (_who, _instructions, question) => {
    questions.push(question);
    return answers.shift();
  };
  const auth = await sshAuth(target(), prompts({ answer }));
  await next(auth, null);
  const method = (await next(auth, ['keyboard-interactive'])) as KeyboardInteractiveAuthMethod;
  const asked = ['Code:', 'Pin:', 'Name:'].map((prompt) => ({ prompt, echo: false }));
  const given = await new Promise((resolve) => method.prompt('', '', '', asked, resolve));
  assert.deepEqual(given, ['123', '', '']);
  assert.deepEqual(questions, ['Code:', 'Pin:']);
  assert.equal(await next(auth, ['keyboard-interactive']), false);
  assert.equal(auth.failure().code, 'cancelled');
});

test('whatever a server says it accepts, it ends, and nothing is tried that is switched off', async () => {
  const lists = fc.array(fc.subarray([...ALL, 'hostbased', 'gssapi-with-mic']), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(lists, fc.subarray(ALL as AuthMethod[]), async (said, authentications) => {
      const auth = await sshAuth(target({ authentications }), prompts());
      await next(auth, null);
      let tried = 0;
      for (const left of [...said, ...Array.from({ length: 10 }, () => ALL)]) {
        const method = await next(auth, left);
        if (method === false) continue;
        tried++;
        const name = method.type === 'agent' ? 'publickey' : method.type;
        assert.ok(left.includes(name) && (authentications as string[]).includes(name));
      }
      assert.ok(tried <= 7);
    }),
    { numRuns: 30 },
  );
});
