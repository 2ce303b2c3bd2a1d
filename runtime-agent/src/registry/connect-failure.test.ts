import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectFailure } from './connect-failure.ts';

const url = new URL('https://reg.example:5000/v2/?secret=1');
const failure = (code: string, more: object = {}) =>
  connectFailure({ method: 'GET', url }, Object.assign(new Error('said'), { code, ...more }));

test('each way in which a registry cannot be reached says so, and what to do', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    [
      'ENOTFOUND',
      {},
      /^Get "https:\/\/reg\.example:5000\/v2\/": dial tcp: lookup reg\.example: no such host \(check the name/,
    ],
    [
      'ECONNREFUSED',
      { address: '1.2.3.4', port: 5000 },
      /dial tcp 1\.2\.3\.4:5000: connect: connection refused \(is the registry running/,
    ],
    ['ECONNREFUSED', { address: '::1', port: 5000 }, /dial tcp \[::1\]:5000/],
    ['ETIMEDOUT', {}, /dial tcp reg\.example:5000: i\/o timeout \(check this machine's network/],
    ['EPROTO', {}, /server gave HTTP response to HTTPS client \(.*--insecure-registry reg\.example:5000\)/],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      {},
      /x509: certificate signed by unknown authority: said \(put its authority into .* \/etc\/docker\/certs\.d\/reg\.example:5000\/ca\.crt\)/,
    ],
    ['CERT_HAS_EXPIRED', {}, /x509: certificate has expired or is not yet valid: said \(put/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', {}, /x509: said \(put/],
    ['ECONNRESET', {}, /^Get "https:\/\/reg\.example:5000\/v2\/": read: connection reset by peer$/],
    ['ECONNRESET', { message: 'socket hang up' }, /^Get "https:\/\/reg\.example:5000\/v2\/": EOF$/],
    ['ESOMETHING', {}, /^Get "https:\/\/reg\.example:5000\/v2\/": said$/],
  ];
  for (const [code, more, message] of cases) {
    const error = failure(code, more);
    assert.equal(error.code, 'unavailable');
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret/);
  }
});

test('a server that is no registry, and a proxy, have other advice', () => {
  const refused = Object.assign(new Error('said'), { code: 'ECONNREFUSED', address: '10.0.0.1', port: 3128 });
  const named = connectFailure(
    { method: 'GET', url: new URL('https://h/v2/a/manifests/1'), named: new URL('https://h/v2/') },
    refused,
  );
  assert.match(named.message, /^Get "https:\/\/h\/v2\/": dial tcp /);
  const web = connectFailure({ method: 'GET', url, isWeb: true }, refused);
  assert.match(web.message, /connection refused \(is the server running on 10\.0\.0\.1:3128\?\)$/);
  const proxy = new URL('http://user:secret@proxy.example:3128');
  const tunnel = Object.assign(new Error('via x: HTTP/1.1 407 Proxy Authentication Required'), {
    code: 'ERR_PROXY_TUNNEL',
  });
  const cases: readonly [Error, RegExp][] = [
    [refused, /": proxyconnect tcp: dial tcp 10\.0\.0\.1:3128: connect: connection refused \(check the engine's proxy/],
    [
      tunnel,
      /": proxyconnect tcp: 407 Proxy Authentication Required \(check the engine's proxy proxy\.example:3128: HTTP_/,
    ],
    [Object.assign(new Error('gone'), { code: 'ESOMETHING' }), /": gone$/],
  ];
  for (const [error, message] of cases) {
    const said = connectFailure({ method: 'GET', url }, error, proxy).message;
    assert.match(said, message);
    assert.doesNotMatch(said, /secret/);
  }
});
