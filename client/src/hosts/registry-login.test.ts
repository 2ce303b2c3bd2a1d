import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { buildLoginHeaders, loginHeaders } from './registry-login.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
let folder: string;
const PATH = process.env['PATH'];
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-login-'));
  const helper = path.join(folder, 'docker-credential-safe');
  const script = `#!/bin/sh
read -r server
case "$server" in
  r.example) echo '{"Username":"bob","Secret":"s3cret"}' ;;
  t.example) echo '{"Username":"<token>","Secret":"tok"}' ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;
  await writeFile(helper, script);
  await chmod(helper, 0o755);
  process.env['PATH'] = `${folder}:${PATH}`;
});
after(async () => {
  process.env['PATH'] = PATH;
  await rm(folder, { recursive: true, force: true });
});

async function configure(config: object | string): Promise<void> {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(path.join(folder, 'config.json'), text);
}

const decode = (headers: Record<string, string>): unknown[] =>
  Object.entries(headers).map(([name, value]) => [name, JSON.parse(Buffer.from(value, 'base64url').toString())]);

test('logins of the file, for the default registry under its old name', async () => {
  const auths = {
    'https://index.docker.io/v1/': { auth: base64('ada:love:lace') },
    'r.example:5000': { auth: base64('bob:pw') },
  };
  await configure({ auths });
  const ada = { username: 'ada', password: 'love:lace', serveraddress: 'https://index.docker.io/v1/' };
  const bob = { username: 'bob', password: 'pw', serveraddress: 'r.example:5000' };
  assert.deepEqual(decode(await loginHeaders('node:24', folder)), [['x-registry-auth', ada]]);
  assert.deepEqual(decode(await loginHeaders('r.example:5000/a/b:1', folder)), [['x-registry-auth', bob]]);
  assert.deepEqual(await loginHeaders('other.example/a', folder), {});
  const all = { 'https://index.docker.io/v1/': ada, 'r.example:5000': bob };
  assert.deepEqual(decode(await buildLoginHeaders(folder)), [['x-registry-config', all]]);
});

test('logins of a credential helper, of one registry or of all', async () => {
  await configure({ credHelpers: { 'r.example': 'safe' } });
  const bob = { username: 'bob', password: 's3cret', serveraddress: 'r.example' };
  assert.deepEqual(decode(await loginHeaders('r.example/a', folder)), [['x-registry-auth', bob]]);
  assert.deepEqual(await loginHeaders('t.example/a', folder), {});
  await configure({ auths: { 't.example': {} }, credsStore: 'safe' });
  const token = { identitytoken: 'tok', serveraddress: 't.example' };
  assert.deepEqual(decode(await loginHeaders('t.example/a', folder)), [['x-registry-auth', token]]);
  assert.deepEqual(await loginHeaders('u.example/a', folder), {}, 'the helper has none');
  await configure({ credsStore: 'not-installed' });
  assert.deepEqual(await loginHeaders('r.example/a', folder), {});
});

test('no file, an empty one and a broken one are no logins', async () => {
  assert.deepEqual(await loginHeaders('a/b', path.join(folder, 'none')), {});
  for (const text of ['', '{', 'null', '[]', '{}']) {
    await configure(text);
    assert.deepEqual(await loginHeaders('a/b', folder), {});
    assert.deepEqual(await buildLoginHeaders(folder), {});
  }
});
