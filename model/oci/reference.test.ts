import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalReference, familiarName, familiarReference, parseReference, withDefaultTag } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('names are completed as Docker does, and shown as people write them', () => {
  const cases: readonly (readonly [text: string, canonical: string, familiar: string])[] = [
    ['node', 'docker.io/library/node', 'node'],
    ['node:20-slim', 'docker.io/library/node:20-slim', 'node:20-slim'],
    ['team/app', 'docker.io/team/app', 'team/app'],
    ['docker.io/node', 'docker.io/library/node', 'node'],
    ['index.docker.io/library/node:1', 'docker.io/library/node:1', 'node:1'],
    ['localhost/app', 'localhost/app', 'localhost/app'],
    ['localhost:5000/app:1', 'localhost:5000/app:1', 'localhost:5000/app:1'],
    ['ghcr.io/a/b/c', 'ghcr.io/a/b/c', 'ghcr.io/a/b/c'],
    ['[::1]:5000/a', '[::1]:5000/a', '[::1]:5000/a'],
    ['Host/a', 'Host/a', 'Host/a'],
    [`node@${DIGEST}`, `docker.io/library/node@${DIGEST}`, `node@${DIGEST}`],
    [`a.b/c:1@${DIGEST}`, `a.b/c:1@${DIGEST}`, `a.b/c:1@${DIGEST}`],
    ['docker.io/library/library/x', 'docker.io/library/library/x', 'library/library/x'],
    ['a_b__c-d/f--g.h', 'docker.io/a_b__c-d/f--g.h', 'a_b__c-d/f--g.h'],
  ];
  for (const [text, canonical, familiar] of cases) {
    const reference = parseReference(text);
    assert.equal(canonicalReference(reference), canonical, text);
    assert.equal(familiarReference(reference), familiar, text);
    assert.deepEqual(parseReference(canonical), reference, text);
  }
});

test('what is no reference is refused in words of Docker', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'invalid reference format',
    ':1': 'invalid reference format',
    'a:': 'invalid reference format',
    'a:b:c': 'invalid reference format',
    'a/': 'invalid reference format',
    'a//b': 'invalid reference format',
    'a b': 'invalid reference format',
    'a:.x': 'invalid reference format',
    [`a:${'x'.repeat(129)}`]: 'invalid reference format',
    'a@sha256:abc': 'invalid reference format',
    'a@b@c': 'invalid reference format',
    '-a': 'invalid reference format',
    'a..b': 'invalid reference format',
    a___b: 'invalid reference format',
    'host.:5000/a': 'invalid reference format',
    Node: 'invalid reference format: repository name (library/Node) must be lowercase',
    'x.y/Foo': 'invalid reference format: repository name (Foo) must be lowercase',
    [`h.i/${'a/'.repeat(130)}b`]: 'repository name must not be more than 255 characters',
    ['b'.repeat(64)]: `invalid repository name (${'b'.repeat(64)}), cannot specify 64-byte hexadecimal strings`,
  };
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => parseReference(text), { code: 'invalid', message }, text);
  }
});

test('the default tag is for names that have neither tag nor digest', () => {
  assert.equal(withDefaultTag(parseReference('a')).tag, 'latest');
  assert.equal(withDefaultTag(parseReference('a:1')).tag, '1');
  assert.equal(withDefaultTag(parseReference(`a@${DIGEST}`)).tag, undefined);
  assert.equal(familiarName(parseReference('a:1')), 'a');
});

test('whatever is parsed means the same when it is shown and parsed again', () => {
  const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)*$/);
  const name = fc.tuple(
    fc.constantFrom('h.example/', 'localhost:5000/', 'docker.io/'),
    fc.array(part, { minLength: 1, maxLength: 4 }),
  );
  const suffix = fc.constantFrom('', ':1', ':latest', `@${DIGEST}`, `:1@${DIGEST}`);
  fc.assert(
    fc.property(name, suffix, ([host, parts], end) => {
      const text = `${host}${parts.join('/')}${end}`;
      fc.pre(text.length < 200 && !/^[a-f0-9]{64}/.test(text));
      const reference = parseReference(text);
      assert.deepEqual(parseReference(familiarReference(reference)), reference);
      assert.deepEqual(parseReference(canonicalReference(reference)), reference);
    }),
  );
});

test('any text at all is parsed or refused, nothing else', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      try {
        assert.ok(parseReference(text).path.length > 0);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid');
      }
    }),
  );
});

test('what looks like a digest and is none says why', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`sha256:${'1'.repeat(63)}`, 'invalid checksum digest length'],
    [`sha512:${'1'.repeat(64)}`, 'invalid checksum digest length'],
    [`sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
    [`md5:${'1'.repeat(32)}`, 'unsupported digest algorithm'],
    ['sha256:1', 'invalid reference format'],
  ];
  for (const [digest, message] of cases)
    assert.throws(() => parseReference(`x@${digest}`), { code: 'invalid', message });
  assert.equal(parseReference(`x@sha512:${'1'.repeat(128)}`).digest, `sha512:${'1'.repeat(128)}`);
});
