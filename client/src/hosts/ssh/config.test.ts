import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { listSshHosts, resolveSshTarget, type SshConfigSources } from './config.ts';
import { parseDestination } from './target.ts';

let home: string;
before(() => {
  home = mkdtempSync(path.join(tmpdir(), 'slipway-ssh-config-'));
  mkdirSync(path.join(home, '.ssh', 'conf.d'), { recursive: true });
});
after(() => rmSync(home, { recursive: true, force: true }));

function sources(user: string, system = '', env: Record<string, string> = {}): SshConfigSources {
  const userFile = path.join(home, '.ssh', 'config');
  const systemFile = path.join(home, 'system_config');
  writeFileSync(userFile, user);
  writeFileSync(systemFile, system);
  return { userFile, systemFile, home, localUser: 'me', env };
}

test('an alias gives host, port, user and key, whatever the case of the keywords', () => {
  const target = resolveSshTarget(
    'build',
    sources(
      'Host build\n  hostname 10.0.0.7\n  PORT 2222\n  User ci\n  IdentityFile ~/.ssh/build_key\n  IdentitiesOnly yes\n',
    ),
  );
  assert.equal(target.host, '10.0.0.7');
  assert.equal(target.port, 2222);
  assert.equal(target.user, 'ci');
  assert.deepEqual(target.identityFiles, [path.join(home, '.ssh', 'build_key')]);
  assert.equal(target.identityFilesNamed, true);
  assert.equal(target.identitiesOnly, true);
});

test('an unknown name is the host itself, with the defaults of ssh', () => {
  const target = resolveSshTarget('root@example.test:2200', sources(''));
  assert.deepEqual([target.host, target.port, target.user], ['example.test', 2200, 'root']);
  assert.deepEqual(
    target.identityFiles.map((file) => path.basename(file)),
    ['id_ed25519', 'id_ecdsa', 'id_rsa'],
  );
  assert.equal(target.identityFilesNamed, false);
  assert.deepEqual(target.authentications, ['publickey', 'keyboard-interactive', 'password']);
  assert.equal(target.strictHostKeys, 'ask');
  assert.deepEqual(target.knownHostsFiles, [path.join(home, '.ssh/known_hosts'), path.join(home, '.ssh/known_hosts2')]);
});

test('the first value wins, the system file comes last', () => {
  const target = resolveSshTarget(
    'a',
    sources('Host a\n  Port 1\nHost *\n  Port 2\n  User mine\n', 'User theirs\nConnectTimeout 3\n'),
  );
  assert.deepEqual([target.port, target.user, target.connectTimeoutMs], [1, 'mine', 3000]);
});

test('Include is followed, and the section around it goes on after it', () => {
  writeFileSync(path.join(home, '.ssh', 'conf.d', 'work'), 'Host work\n  HostName work.test\n');
  const from = sources('Include conf.d/*\nUser everywhere\nHost home\n  HostName home.test\n');
  assert.equal(resolveSshTarget('work', from).host, 'work.test');
  assert.equal(resolveSshTarget('work', from).user, 'everywhere');
  assert.equal(resolveSshTarget('home', from).user, 'everywhere');
  assert.deepEqual(listSshHosts(from), ['work', 'home']);
});

test('a file that includes itself ends', () => {
  assert.equal(resolveSshTarget('x', sources('Include config\nPort 7\n')).port, 7);
});

test('Match host and user are honoured', () => {
  const from = sources('Match originalhost box user deploy\n  Port 99\nMatch all\n  IdentitiesOnly yes\n');
  assert.equal(resolveSshTarget('deploy@box', from).port, 99);
  assert.equal(resolveSshTarget('box', from).port, 22);
  assert.equal(resolveSshTarget('box', from).identitiesOnly, true);
});

test('proxies: jumps as a list, commands with their tokens, none for neither', () => {
  const from = sources(
    'Host a\n ProxyJump one,me@two:2222\nHost b\n HostName b.test\n User u\n ProxyCommand nc -x %% %h %p %r %n\nHost c\n ProxyJump none\n',
  );
  assert.deepEqual(resolveSshTarget('a', from).jumps, ['one', 'me@two:2222']);
  assert.equal(resolveSshTarget('b', from).proxyCommand, 'nc -x % b.test 22 u b');
  assert.deepEqual(resolveSshTarget('c', from).jumps, []);
});

test('agents: the environment, a path, a variable, or none', () => {
  const env = { SSH_AUTH_SOCK: '/run/agent', OTHER: '/run/other' };
  const socket = (lines: string): string | undefined => resolveSshTarget('h', sources(lines, '', env)).agentSocket;
  assert.equal(socket(''), '/run/agent');
  assert.equal(socket('IdentityAgent ~/agent.sock'), path.join(home, 'agent.sock'));
  assert.equal(socket('IdentityAgent $OTHER'), '/run/other');
  assert.equal(socket('IdentityAgent none'), undefined);
  assert.equal(resolveSshTarget('h', sources('', '', { SSH_AUTH_SOCK: '' })).agentSocket, undefined);
});

test('host key settings', () => {
  const target = resolveSshTarget(
    'h',
    sources(
      'UserKnownHostsFile ~/kh /dev/null\nStrictHostKeyChecking accept-new\nHashKnownHosts yes\nHostKeyAlias other\n',
    ),
  );
  assert.deepEqual(target.knownHostsFiles, [path.join(home, 'kh'), '/dev/null']);
  assert.deepEqual([target.strictHostKeys, target.hashKnownHosts, target.hostKeyAlias], ['accept-new', true, 'other']);
  assert.equal(resolveSshTarget('h', sources('StrictHostKeyChecking no')).strictHostKeys, 'accept-new');
});

test('authentication methods: preferred order, without the ones switched off', () => {
  const from = sources('PreferredAuthentications password,gssapi-with-mic,publickey\nPasswordAuthentication no\n');
  assert.deepEqual(resolveSshTarget('h', from).authentications, ['publickey']);
});

test('the pick list leaves wildcards out', () => {
  assert.deepEqual(listSshHosts(sources('Host a b *.test\nHost !c d?\nHost a\n')), ['a', 'b']);
});

test('destinations', () => {
  assert.deepEqual(parseDestination('ssh://root@box:22/'), { host: 'box', user: 'root', port: 22 });
  assert.deepEqual(parseDestination('[::1]:2222'), { host: '::1', port: 2222 });
  assert.deepEqual(parseDestination('me@fe80::1'), { host: 'fe80::1', user: 'me' });
  for (const bad of ['', 'a b', 'host:0', 'host:99999', '-oProxyCommand=x', 'a/b', '@x']) {
    assert.equal(parseDestination(bad), undefined, bad);
  }
  assert.throws(() => resolveSshTarget('two words', sources('')), { code: 'invalid', message: /two words/ });
});

test('no configuration text makes reading it fail', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom('Host a', 'Match all', 'Port 1', 'Include x', '#', '  User u', 'IdentityFile "a b"', '='),
      ),
      (lines) => {
        const target = resolveSshTarget('a', sources(lines.join('\n')));
        assert.equal(target.name, 'a');
      },
    ),
    { numRuns: 50 },
  );
});
