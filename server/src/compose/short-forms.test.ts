import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemsOf, valueAt } from '#model/compose/tree.ts';
import { composeAt } from './document-check.ts';
import { locate } from './locate.ts';
import { fieldAt, schemasAt } from './schema-path.ts';
import { isAddress, readPort } from './short-port.ts';
import { readVolume } from './short-volume.ts';

function volume(written: string): unknown[] {
  const { document } = composeAt(`services: {a: {volumes: [${written}]}}`);
  const [node] = itemsOf(valueAt(document.root, 'services', 'a', 'volumes'));
  assert.ok(node);
  const { source, target, options } = readVolume(node);
  for (const part of [source, target, options]) {
    if (part !== undefined && node.kind === 'scalar')
      assert.equal(document.text.slice(part.span.start, part.span.end), part.text);
  }
  return [source?.text, source?.isName, target?.text, options?.text];
}

test('volumes in short form', () => {
  assert.deepEqual(volume('"data:/x"'), ['data', true, '/x', undefined]);
  assert.deepEqual(volume('"./a:/x:ro,z"'), ['./a', false, '/x', 'ro,z']);
  assert.deepEqual(volume('/only'), [undefined, undefined, '/only', undefined]);
  assert.deepEqual(volume("'C:\\a:/x'"), ['C:\\a', false, '/x', undefined]);
  assert.deepEqual(volume('"${D:-./d}:/x"'), ['${D:-./d}', false, '/x', undefined]);
});

test('volumes in long form', () => {
  assert.deepEqual(volume('{type: volume, source: d, target: /x}'), ['d', true, '/x', undefined]);
  assert.deepEqual(volume('{type: bind, source: d, target: /x}'), ['d', false, '/x', undefined]);
});

test('ports in short form', () => {
  const read = (text: string): unknown[] => {
    const { address, published, target, protocol } = readPort(text);
    return [address, published, target, protocol];
  };
  assert.deepEqual(read('80'), [undefined, undefined, '80', 'tcp']);
  assert.deepEqual(read('8080:80/udp'), [undefined, '8080', '80', 'udp']);
  assert.deepEqual(read('127.0.0.1:8080:80'), ['127.0.0.1', '8080', '80', 'tcp']);
  assert.deepEqual(read('[::1]::80'), ['::1', undefined, '80', 'tcp']);
  assert.deepEqual(read('8000-8010:80-90'), [undefined, '8000-8010', '80-90', 'tcp']);
});

test('addresses', () => {
  for (const text of ['127.0.0.1', '::', 'fe80::1%eth0', '2001:db8::1']) assert.ok(isAddress(text), text);
  for (const text of ['', 'localhost', '1.2.3', '256.1.1.1', '1::2::3']) assert.ok(!isAddress(text), text);
});

test('what stands at a place', () => {
  const at = (marked: string): unknown => {
    const { document, offset } = composeAt(marked);
    const found = locate(document.root, offset);
    return found === undefined ? undefined : [found.path.join('.'), found.onKey, found.scalar?.text];
  };
  assert.deepEqual(at('services:\n  web:\n    ima|ge: a'), ['services.web.image', true, undefined]);
  assert.deepEqual(at('services:\n  web:\n    ports: ["8|0"]'), ['services.web.ports.[]', false, '80']);
  assert.equal(at('services:\n  web: |\n'), undefined);
});

test('the specification at a path', () => {
  assert.match(fieldAt(['services', 'any', 'healthcheck', 'retries'])?.documentation ?? '', /unhealthy/);
  assert.match(fieldAt(['services', 'any', 'ports', '[]', 'target'])?.documentation ?? '', /container/);
  assert.equal(fieldAt(['services', 'any', 'nosuch']), undefined);
  assert.equal(fieldAt(['services', 'any', 'toString']), undefined);
  assert.deepEqual(
    schemasAt(['services', 'any', 'tty']).map(({ kind }) => kind),
    ['boolean', 'string'],
  );
});
