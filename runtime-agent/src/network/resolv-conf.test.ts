import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  overrideResolver,
  parseResolvConf,
  renderResolvConf,
  withInternalResolver,
  withoutLoopback,
} from './resolv-conf.ts';

const HOST = `# a comment
nameserver 127.0.0.53
nameserver 10.255.255.53 ; another
nameserver not-an-address
nameserver fe80::1%eth0
search first.example
search corp.example lan
options edns0 trust-ad
options timeout:2
`;
const none = { dns: [], dnsSearch: [], dnsOptions: [] };

test('resolv.conf is read as resolv.conf(5) says: the last search list wins, options add up', () => {
  assert.deepEqual(parseResolvConf(HOST), {
    nameservers: ['127.0.0.53', '10.255.255.53', 'fe80::1%eth0'],
    search: ['corp.example', 'lan'],
    options: ['edns0', 'trust-ad', 'timeout:2'],
  });
  assert.deepEqual(parseResolvConf('domain x.y\n').search, ['x.y']);
  assert.deepEqual(parseResolvConf(''), { nameservers: [], search: [], options: [] });
});

test('a container’s own settings replace the host’s, keyword by keyword', () => {
  const host = parseResolvConf(HOST);
  assert.deepEqual(overrideResolver(host, none), host);
  assert.deepEqual(overrideResolver(host, { dns: ['1.1.1.1'], dnsSearch: ['.'], dnsOptions: ['ndots:3'] }), {
    nameservers: ['1.1.1.1'],
    search: [],
    options: ['ndots:3'],
  });
});

test('loopback nameservers of the host are left out, unless the container asked for them', () => {
  const only = { nameservers: ['127.0.0.53', '::1'], search: [], options: [] };
  assert.deepEqual(withoutLoopback(parseResolvConf(HOST), false).nameservers, ['10.255.255.53', 'fe80::1%eth0']);
  assert.deepEqual(withoutLoopback(only, false).nameservers, ['8.8.8.8', '8.8.4.4']);
  assert.deepEqual(withoutLoopback(only, true).nameservers, ['127.0.0.53', '::1']);
});

test('containers of user-defined networks ask the engine', () => {
  const written = renderResolvConf(withInternalResolver(parseResolvConf(HOST)));
  assert.match(
    written,
    /^nameserver 127\.0\.0\.11\nsearch corp\.example lan\noptions edns0 trust-ad timeout:2 ndots:0\n$/m,
  );
  const own = withInternalResolver({ nameservers: ['1.1.1.1'], search: [], options: ['ndots:3'] });
  assert.deepEqual(own, { nameservers: ['127.0.0.11'], search: [], options: ['ndots:3'] });
});

test('what is written reads back', () => {
  const config = { nameservers: ['1.1.1.1', 'fd00::1'], search: ['a.b'], options: ['ndots:2'] };
  assert.deepEqual(parseResolvConf(renderResolvConf(config)), config);
  assert.doesNotMatch(renderResolvConf({ nameservers: [], search: [], options: [] }), /search|options/);
});
