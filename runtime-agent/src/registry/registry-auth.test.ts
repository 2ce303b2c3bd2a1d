import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickCredentials, readRegistryAuth } from './registry-auth.ts';

const encode = (value: unknown, encoding: 'base64' | 'base64url' = 'base64url'): string =>
  Buffer.from(JSON.stringify(value)).toString(encoding);

test('the header is read in both alphabets, with the fields that count', () => {
  const credentials = { username: 'ada?>', password: 'pä>ss', serveraddress: 'h', identitytoken: '' };
  const expected = { username: 'ada?>', password: 'pä>ss', serveraddress: 'h' };
  assert.deepEqual(readRegistryAuth(encode(credentials)), expected);
  assert.deepEqual(readRegistryAuth(encode(credentials, 'base64')), expected);
  assert.deepEqual(readRegistryAuth(encode({ identitytoken: 't', username: 5 })), { identitytoken: 't' });
});

test('no header, or one that cannot be read, is no credentials', () => {
  for (const header of [undefined, '', 'null', encode(null), encode('x'), '%%%', ['a']])
    assert.deepEqual(readRegistryAuth(header), {});
});

test('user and password may come as one', () => {
  assert.deepEqual(pickCredentials({ auth: Buffer.from('u:p:q').toString('base64') }), {
    username: 'u',
    password: 'p:q',
  });
  assert.deepEqual(pickCredentials({ auth: 'x', username: 'v' }), { username: 'v' });
});
