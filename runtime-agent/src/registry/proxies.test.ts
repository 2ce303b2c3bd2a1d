import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyOf, proxyUrl, shownProxy } from './proxies.ts';

const settings = { http: 'http://plain:3128', https: 'secure:3129', none: '' };
const through = (url: string, none = ''): string | undefined => proxyOf(new URL(url), { ...settings, none })?.host;

test('each scheme has its proxy, this machine none', () => {
  assert.equal(through('http://registry.test/v2/'), 'plain:3128');
  assert.equal(through('https://registry.test/v2/'), 'secure:3129');
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1:5000', '127.9.9.9', '[::1]:5000']) {
    assert.equal(through(`http://${host}/`), undefined, host);
  }
  assert.equal(proxyOf(new URL('http://a/'), { ...settings, http: '' }), undefined);
});

test('what is reached without a proxy', () => {
  const rows: [none: string, host: string, isThrough: boolean][] = [
    ['*', 'any.test', false],
    ['registry.test', 'registry.test', false],
    ['registry.test', 'eu.registry.test', false],
    ['registry.test', 'myregistry.test', true],
    ['.registry.test', 'registry.test', true],
    ['.registry.test', 'eu.registry.test', false],
    ['*.registry.test', 'eu.registry.test', false],
    ['other.test, REGISTRY.test ', 'registry.TEST', false],
    ['registry.test:5000', 'registry.test:5000', false],
    ['registry.test:5000', 'registry.test:5001', true],
    ['registry.test:80', 'registry.test', false],
    ['10.0.0.0/8', '10.1.2.3:5000', false],
    ['10.0.0.0/8', '11.1.2.3', true],
    ['10.0.0.0/8', 'ten.test', true],
    ['10.0.0.0/99,fd00::/8', '[fd12::1]:5000', false],
    ['10.1.2.3', '10.1.2.3:5000', false],
    ['10.1.2.3:80', '10.1.2.3:5000', true],
    ['fd12::1', '[fd12::1]', false],
    ['[fd12::1]:5000', '[fd12::1]:5000', false],
    ['', 'registry.test', true],
  ];
  for (const [none, host, expected] of rows) {
    assert.equal(through(`http://${host}/`, none) !== undefined, expected, `${none}: ${host}`);
  }
});

test('addresses of proxies', () => {
  assert.equal(proxyUrl('proxy:1').href, 'http://proxy:1/');
  assert.throws(() => proxyUrl('socks5://proxy:1'), /a proxy of socks5:\/\/ is not supported/);
  assert.throws(() => proxyUrl('http://'), TypeError);
  assert.equal(shownProxy('http://user:pass@proxy:1/x'), 'http://xxxxx:xxxxx@proxy:1/x');
  assert.equal(shownProxy('user:pass@proxy:1'), 'xxxxx:xxxxx@proxy:1');
  assert.equal(shownProxy('http://proxy:1'), 'http://proxy:1');
  assert.equal(shownProxy(''), '');
});
