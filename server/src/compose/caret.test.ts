import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { caretAt } from './caret.ts';
import { composeAt } from './document-check.ts';

function at(marked: string): unknown {
  const { document, offset } = composeAt(marked);
  const caret = caretAt(document, offset);
  return caret === undefined ? undefined : [caret.path.join('.'), caret.at, caret.prefix];
}

test('keys, by indentation', () => {
  assert.deepEqual(at('serv|'), ['', 'key', 'serv']);
  assert.deepEqual(at('services:\n  |'), ['services', 'key', '']);
  assert.deepEqual(at('services:\n  web:\n    image: a\n    po|'), ['services.web', 'key', 'po']);
  assert.deepEqual(at('services:\n  web:\n    build:\n      |\n  db:\n    image: b'), [
    'services.web.build',
    'key',
    '',
  ]);
  assert.deepEqual(at('services:\n  web:\n    build:\n      context: .\n    |'), ['services.web', 'key', '']);
});

test('values', () => {
  assert.deepEqual(at('services:\n  web:\n    restart: al|'), ['services.web.restart', 'value', 'al']);
  assert.deepEqual(at('services:\n  web:\n    image: "no|'), ['services.web.image', 'value', 'no']);
});

test('items of lists, indented or not, and in brackets', () => {
  assert.deepEqual(at('services:\n  web:\n    ports:\n      - |'), ['services.web.ports.[]', 'key', '']);
  assert.deepEqual(at('services:\n  web:\n    ports:\n    - "80:80"\n    - |'), ['services.web.ports.[]', 'key', '']);
  assert.deepEqual(at('services:\n  web:\n    depends_on: [a, b|'), ['services.web.depends_on.[]', 'key', 'b']);
});

test('mappings in lists', () => {
  assert.deepEqual(at('services:\n  web:\n    ports:\n      - target: 80\n        pu|'), [
    'services.web.ports.[]',
    'key',
    'pu',
  ]);
  assert.deepEqual(at('services:\n  web:\n    volumes:\n      - type: |'), [
    'services.web.volumes.[].type',
    'value',
    '',
  ]);
  assert.deepEqual(at('services:\n  web:\n    volumes:\n      - type: bind\n        bind:\n          |'), [
    'services.web.volumes.[].bind',
    'key',
    '',
  ]);
  assert.deepEqual(at('include:\n  - path: |'), ['include.[].path', 'value', '']);
});

test('siblings', () => {
  const { document, offset } = composeAt('services:\n  web:\n    image: a\n    |\n    ports: []\n  db:\n    build: .');
  assert.deepEqual(Object.fromEntries(caretAt(document, offset)?.siblings ?? []), { image: 'a', ports: '[]' });
});

test('entries of an item, and how far lines below it are indented', () => {
  const place = (marked: string): unknown[] => {
    const { document, offset } = composeAt(`services:\n  web:\n    volumes:${marked}`);
    const caret = caretAt(document, offset);
    return [caret?.inItem, caret?.indent.length];
  };
  assert.deepEqual(place('\n      - |'), [false, 2]);
  assert.deepEqual(place('\n      -   |'), [false, 4]);
  assert.deepEqual(place('\n      - |\n        type: bind'), [true, 2]);
  assert.deepEqual(place('\n      - type: bind\n        |'), [true, 0]);
  assert.deepEqual(place(' [|'), [false, 0]);
  assert.deepEqual(place('\n      |'), [false, 0]);
});

test('not in comments', () => {
  assert.equal(at('services: # |'), undefined);
});

test('any text has some place', () => {
  const pieces = fc.constantFrom('a:', '- ', '  ', '\n', '"', '[', 'x', '#', '{', ': ');
  fc.assert(
    fc.property(fc.array(pieces), fc.nat(), (parts, n) => {
      const text = parts.join('');
      caretAt(composeAt(text).document, n % (text.length + 1));
    }),
  );
});
