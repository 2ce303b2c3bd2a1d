import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { composeAt } from './document-check.ts';
import { COMPOSE } from './language.ts';

function rulesIn(text: string): string[] {
  return COMPOSE.diagnose(composeAt(text).document, DEFAULT_SETTINGS).map(({ rule }) => rule);
}

const TAG = 'service-image-require-explicit-tag';
const service = (comment: string): string => `name: x\nservices:\n  a:\n    image: b${comment}\n`;

test('comments at the end of the line and above it', () => {
  assert.deepEqual(rulesIn(service('')), [TAG]);
  assert.deepEqual(rulesIn(service(` # slipway ignore=${TAG}`)), []);
  assert.deepEqual(rulesIn(service(` # dclint disable-line ${TAG}`)), []);
  assert.deepEqual(rulesIn(service(' # dclint disable-line')), []);
  assert.deepEqual(rulesIn(service('').replace('    image', `    # slipway ignore=${TAG}\n    image`)), []);
  assert.deepEqual(rulesIn(service(' # slipway ignore=other')), [TAG]);
});

test('comments for the whole file', () => {
  assert.deepEqual(rulesIn(`# dclint disable ${TAG}\n${service('')}`), []);
  assert.deepEqual(rulesIn(`# slipway global ignore=${TAG}\n${service('')}`), []);
  assert.deepEqual(rulesIn(`\n---\n# dclint disable\n${service('')}`), []);
  assert.deepEqual(rulesIn(`# dclint disable-file\n${service('')}`), []);
  assert.deepEqual(rulesIn(`${service('')}# dclint disable\n`), [TAG], 'only the first line counts');
});

test('the line of a key speaks for its value, and a comment for the next line', () => {
  const ports = (comment: string): string =>
    `name: x\nservices:\n  a:\n    image: b:1\n    ports:${comment}\n      - '80:80'\n`;
  assert.deepEqual(rulesIn(ports('')), ['no-unbound-port-interfaces']);
  assert.deepEqual(rulesIn(ports(' # dclint disable-line no-unbound-port-interfaces')), []);
  assert.deepEqual(rulesIn(ports(' # dclint disable-next-line')), []);
});

test('the edit that ignores a finding', () => {
  const ignoreFirst = (text: string): string => {
    const { document } = composeAt(text);
    const [finding] = COMPOSE.diagnose(document, DEFAULT_SETTINGS);
    assert.ok(finding && COMPOSE.suppress);
    return applyEdits(
      text,
      [COMPOSE.suppress(document, finding)].flatMap((edit) => edit ?? []),
    );
  };
  assert.equal(ignoreFirst(service('')), service(` # slipway ignore=${TAG}`));
  assert.equal(ignoreFirst(service(' # slipway ignore=x')), service(` # slipway ignore=x,${TAG}`));
  assert.equal(
    ignoreFirst(service(' # note')),
    service(' # note').replace('    image', `# slipway ignore=${TAG}\n    image`),
  );
});

test('the edit that switches a rule off for the file', () => {
  const skipFirst = (text: string): string => {
    const { document } = composeAt(text);
    const [finding] = COMPOSE.diagnose(document, DEFAULT_SETTINGS);
    assert.ok(finding && COMPOSE.suppressInFile);
    return applyEdits(text, [COMPOSE.suppressInFile(document, finding)]);
  };
  for (const [before, after] of [
    ['', `# slipway global ignore=${TAG}\n`],
    ['# note\n---\n', `# slipway global ignore=${TAG}\n# note\n---\n`],
    ['\n# slipway global ignore=x\n', `\n# slipway global ignore=x,${TAG}\n`],
    ['# dclint disable x\n', `# dclint disable x\n# slipway global ignore=${TAG}\n`],
  ] as const) {
    assert.equal(skipFirst(before + service('')), after + service(''));
    assert.deepEqual(rulesIn(after + service('')), []);
  }
});

test('the star, and a comment behind the start of the document', () => {
  assert.deepEqual(rulesIn(service(' # dclint disable-line *')), []);
  assert.deepEqual(rulesIn(`--- # dclint disable ${TAG}\n${service('')}`), []);
});
