import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { linuxHost } from '../../host/linux.ts';
import { registryLogins } from './registry-login.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-login-'));
let searched: string | undefined;
// Not as the file is read: files that share the process are all read before the tests of the first one run.
before(() => {
  searched = process.env['PATH'];
  process.env['PATH'] = `${folder}:${searched}`;
});
after(() => {
  process.env['PATH'] = searched;
  rmSync(folder, { recursive: true });
});

/** A credential helper as the protocol of docker-credential-helpers wants it. */
function helper(name: string, logins: Readonly<Record<string, { Username: string; Secret: string }>>): void {
  const file = path.join(folder, `docker-credential-${name}`);
  const list = JSON.stringify(Object.fromEntries(Object.entries(logins).map(([at, { Username }]) => [at, Username])));
  const cases = Object.entries(logins).map(([at, one]) => `'${at}') echo '${JSON.stringify(one)}';;`);
  const missing = '*) echo credentials not found in native keychain; exit 1;;';
  const script = `#!/bin/sh\nif [ $1 = list ]; then echo '${list}'; exit; fi\nread at\ncase "$at" in ${cases.join(' ')} ${missing} esac\n`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
}

function logins(config: unknown, told: string[] = []) {
  writeFileSync(path.join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return registryLogins(linuxHost, { DOCKER_CONFIG: folder }, (text) => told.push(text));
}

const decode = (headers: Readonly<Record<string, string>>): unknown =>
  JSON.parse(Buffer.from(Object.values(headers)[0] ?? '', 'base64url').toString());

const auth = Buffer.from('ada:love:lace').toString('base64');

test('logins in the file: as user and password, as a token, for Docker Hub', async () => {
  const { forPush, forBuild } = logins({
    auths: { 'host:5000': { auth }, 'https://index.docker.io/v1/': { auth, identitytoken: 't' }, empty: {} },
  });
  const own = { username: 'ada', password: 'love:lace', serveraddress: 'host:5000' };
  const hub = {
    username: 'ada',
    password: 'love:lace',
    identitytoken: 't',
    serveraddress: 'https://index.docker.io/v1/',
  };
  assert.deepEqual(decode(await forPush('host:5000/team/app')), own);
  assert.deepEqual(decode(await forPush('team/app')), hub);
  assert.deepEqual(decode(await forPush('other.example/app')), {});
  assert.deepEqual(decode(await forBuild()), { 'host:5000': own, 'https://index.docker.io/v1/': hub });
});

test('logins that a helper has: the store for all, and one for a registry of its own', async () => {
  helper('all', {
    'host:5000': { Username: 'u', Secret: 's' },
    'https://index.docker.io/v1/': { Username: '<token>', Secret: 'refresh' },
  });
  helper('one', { 'cloud.example': { Username: 'c', Secret: 'd' } });
  const { forPush, forBuild } = logins({
    auths: { 'host:5000': {}, 'plain.example': { auth } },
    credsStore: 'all',
    credHelpers: { 'cloud.example': 'one' },
  });
  assert.deepEqual(decode(await forPush('cloud.example/app')), {
    username: 'c',
    password: 'd',
    serveraddress: 'cloud.example',
  });
  assert.deepEqual(decode(await forPush('app')), {
    identitytoken: 'refresh',
    serveraddress: 'https://index.docker.io/v1/',
  });
  const all = decode(await forBuild()) as Record<string, { username?: string }>;
  assert.deepEqual(Object.keys(all).sort(), [
    'cloud.example',
    'host:5000',
    'https://index.docker.io/v1/',
    'plain.example',
  ]);
  assert.equal(all['plain.example']?.username, 'ada', 'what the store does not have the file may');
});

test('a helper that is not there is told of; a file that is no JSON is an error', async () => {
  const told: string[] = [];
  assert.deepEqual(decode(await logins({ credsStore: 'absent' }, told).forPush('app')), {});
  assert.match(told.join(''), /docker-credential-absent does not work/);
  assert.throws(() => logins('{'), /config\.json is not JSON/);
});
