import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choosePlatform,
  formatPlatform,
  normalisePlatform,
  type Platform,
  parsePlatform,
  isPlatform,
  platformMatches,
} from './platform.ts';

const HOST = { os: 'linux', architecture: 'amd64' };

test('every spelling of a platform is one', () => {
  const cases: Readonly<Record<string, string>> = {
    'linux/amd64': 'linux/amd64',
    'linux/x86_64': 'linux/amd64',
    'Linux/AMD64': 'linux/amd64',
    'linux/amd64/v1': 'linux/amd64',
    'linux/amd64/v3': 'linux/amd64/v3',
    'linux/arm64/v8': 'linux/arm64',
    'linux/aarch64': 'linux/arm64',
    'linux/arm': 'linux/arm/v7',
    'linux/arm/6': 'linux/arm/v6',
    'linux/armhf': 'linux/arm/v7',
    'linux/armel': 'linux/arm/v6',
    'linux/i386': 'linux/386',
    linux: 'linux/amd64',
    arm64: 'linux/arm64',
    s390x: 'linux/s390x',
    macos: 'darwin/amd64',
  };
  for (const [text, expected] of Object.entries(cases))
    assert.equal(formatPlatform(parsePlatform(text, HOST)), expected, text);
});

test('what is no platform is refused', () => {
  assert.throws(() => parsePlatform('foo', HOST), {
    code: 'invalid',
    message: '"foo": unknown operating system or architecture: invalid argument',
  });
  for (const bad of ['', 'a/b/c/d', 'linux/', 'linux/amd 64'])
    assert.throws(() => parsePlatform(bad, HOST), { code: 'invalid' }, bad);
});

test('the best that runs is chosen, not the first', () => {
  const entries = ['linux/386', 'linux/amd64', 'linux/arm/v5', 'linux/arm/v7', 'linux/arm64/v8', 'windows/amd64'].map(
    (text) => {
      const [os = '', architecture = '', variant] = text.split('/');
      return { text, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
    },
  );
  const chosen = (wanted: string): string | undefined => choosePlatform(entries, parsePlatform(wanted, HOST))?.text;
  assert.equal(chosen('linux/amd64'), 'linux/amd64');
  assert.equal(chosen('linux/amd64/v3'), 'linux/amd64', 'a newer processor runs what is made for an older one');
  assert.equal(chosen('linux/arm/v6'), 'linux/arm/v5');
  assert.equal(chosen('linux/arm64'), 'linux/arm64/v8');
  assert.equal(chosen('linux/386'), 'linux/386');
  assert.equal(chosen('linux/s390x'), undefined);
  assert.equal(
    choosePlatform<{ readonly platform?: Platform }>([{}, ...entries], HOST)?.platform?.architecture,
    'amd64',
    'entries without a platform are passed over',
  );
  assert.equal(choosePlatform([entries[0] as (typeof entries)[0]], HOST)?.text, 'linux/386');
});

test('an image runs where its platform does', () => {
  assert.ok(
    platformMatches({ os: 'linux', architecture: 'arm', variant: 'v6' }, { os: 'linux', architecture: 'arm64' }),
  );
  assert.ok(!platformMatches({ os: 'linux', architecture: 'arm64' }, HOST));
  assert.deepEqual(normalisePlatform({ os: 'linux', architecture: 'amd64', variant: '' }), HOST);
});

test('what merely runs on a platform is not of it', () => {
  assert.ok(isPlatform({ os: 'linux', architecture: 'x86_64' }, { ...HOST, variant: 'v1' }));
  assert.ok(
    isPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }, { os: 'linux', architecture: 'aarch64' }),
  );
  for (const other of [
    { ...HOST, variant: 'v2' },
    { ...HOST, architecture: '386' },
    { ...HOST, os: 'windows' },
  ]) {
    assert.ok(!isPlatform(HOST, other));
  }
});
