import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOf } from '#model/text/span.ts';
import { parseCompose } from './parse.ts';
import { type ComposeNode, entriesOf, entryOf, itemsOf, textAt, valueAt } from './tree.ts';

test('keys and values with their places', () => {
  const text = 'services:\n  web:\n    image: nginx:1 # x\n    ports:\n      - "80:80"\n\nvolumes: {}\n';
  const { root, problems, comments } = parseCompose(text);
  assert.deepEqual(problems, []);
  const image = entryOf(valueAt(root, 'services', 'web'), 'image');
  assert.ok(image);
  assert.equal(textOf(text, image.keySpan), 'image');
  assert.equal(textOf(text, image.value.span), 'nginx:1');
  const [port] = itemsOf(valueAt(root, 'services', 'web', 'ports'));
  assert.equal(textAt(port), '80:80');
  assert.equal(textOf(text, port?.span ?? { start: 0, end: 0 }), '"80:80"');
  const services = valueAt(root, 'services');
  assert.ok(services && textOf(text, services.span).endsWith('"80:80"'), 'a map ends with its last value');
  assert.deepEqual(
    comments.map((comment) => comment.text),
    ['x'],
  );
});

test('scalars keep how they were written', () => {
  const { root } = parseCompose('a: 010\nb: "1"\nc: true\nd:\ne: |\n  x\nf: !reset null\n');
  const scalar = (key: string): unknown => {
    const node = valueAt(root, key);
    return node?.kind === 'scalar' ? [node.value, node.text, node.style, node.tag] : node;
  };
  assert.deepEqual(scalar('a'), [10, '010', 'plain', undefined]);
  assert.deepEqual(scalar('b'), ['1', '1', 'quoted', undefined]);
  assert.deepEqual(scalar('c'), [true, 'true', 'plain', undefined]);
  assert.deepEqual(scalar('d'), [null, '', 'plain', undefined]);
  assert.deepEqual(scalar('e'), ['x\n', 'x\n', 'block', undefined]);
  assert.deepEqual((scalar('f') as unknown[])[3], '!reset');
});

test('aliases are what they stand for, merge keys bring entries', () => {
  const { root, anchors } = parseCompose('x-a: &a {image: i, tty: true}\nb:\n  <<: *a\n  image: j\nc: *a\n');
  assert.deepEqual(
    entriesOf(valueAt(root, 'b')).map(({ key, merged, value }) => [key, merged, textAt(value)]),
    [
      ['image', false, 'j'],
      ['tty', true, 'true'],
    ],
  );
  assert.equal(textAt(valueAt(root, 'c', 'image')), 'i');
  assert.deepEqual(
    anchors.map(({ name, aliases }) => [name, aliases.length]),
    [['a', 2]],
  );
});

test('nothing but mappings can be merged', () => {
  const messages = (text: string): string[] => parseCompose(text).problems.map(({ message }) => message);
  const wrong = 'only a mapping, or a list of them, can be merged';
  assert.deepEqual(messages('a: {<<: 1.5}\n'), [wrong]);
  assert.deepEqual(messages('a: {<<: [{b: 1}, c]}\n'), [wrong]);
  assert.deepEqual(messages('a: {<<: {b: 1}}\n'), []);
});

test('problems have their place', () => {
  const text = 'a: 1\nb: [1\nc: 2\n';
  const { problems } = parseCompose(text);
  assert.ok(problems.length > 0);
  const [twice] = parseCompose('key: 1\n"key" : 2\n').problems;
  assert.equal(twice?.kind, 'duplicate-key');
  assert.equal(textOf('key: 1\n"key" : 2\n', twice.span), '"key"');
});

test('aliases in circles and nested many times do no harm', () => {
  parseCompose('a: &a\n  b: *a\n');
  const levels = Array.from({ length: 30 }, (_, i) => `k${i + 1}: &k${i + 1} [*k${i}, *k${i}]`);
  const { root } = parseCompose(['k0: &k0 [x]', ...levels].join('\n'));
  assert.equal(valueAt(root, 'k30')?.kind, 'list');
});

test('any text gives a tree whose places lie in the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '  ',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '<<: ',
    '#',
    '|',
    '!reset ',
    '---\n',
    '? ',
    '\t',
    '\r\n',
    '%',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { root, problems } = parseCompose(text);
      const inside = ({ start, end }: { start: number; end: number }): void =>
        assert.ok(0 <= start && start <= end && end <= text.length, `${start}-${end}`);
      const seen = new Set<ComposeNode>();
      const walk = (node: ComposeNode | undefined): void => {
        if (node === undefined || seen.has(node)) return;
        seen.add(node);
        inside(node.span);
        for (const item of itemsOf(node)) walk(item);
        for (const entry of entriesOf(node)) walk(entry.value);
      };
      walk(root);
      for (const problem of problems) inside(problem.span);
    }),
    { numRuns: 1000 },
  );
});
