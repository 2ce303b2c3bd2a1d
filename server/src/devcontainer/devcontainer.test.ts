/** Completion, hover, definition, links, symbols and diagnostics of devcontainer.json. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PROPERTIES } from '#model/devcontainer/schema.ts';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { complete, imageAt } from './completion.ts';
import { type DevContainerDocument, readDevContainer } from './document.ts';
import { DEVCONTAINER } from './language.ts';
import { PROPERTY_INFO } from './properties.ts';

const FILES = {
  '/p/Dockerfile': 'FROM a AS base\nFROM base AS dev\n',
  '/p/compose.yaml': 'services:\n  app: {image: a}\n  db: {image: b}\n',
  '/p/.devcontainer/Dockerfile': 'FROM a\n',
};

function at(marked: string, files: Record<string, string> = FILES): { document: DevContainerDocument; offset: number } {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const path = '/p/.devcontainer/devcontainer.json';
  const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles(files) };
  return { document: readDevContainer(source), offset };
}

function labels(marked: string): string[] {
  const { document, offset } = at(marked);
  return complete(document, offset).map(({ label }) => label);
}

function chosen(marked: string, label: string): string {
  const { document, offset } = at(marked);
  const item = complete(document, offset).find((one) => one.label === label);
  assert.ok(item, `${label} is offered`);
  return applyEdits(document.text, [item]);
}

test('every property that is checked is documented, and the other way round', () => {
  assert.deepEqual(Object.keys(PROPERTY_INFO).toSorted(), Object.keys(PROPERTIES).toSorted());
});

test('completion of properties', () => {
  assert.ok(labels('{ "name": "x", "|" }').includes('postCreateCommand'));
  assert.ok(!labels('{ "name": "x", "|" }').includes('name'), 'one of each');
  assert.ok(!labels('{ "image": "x", "|" }').includes('build'), 'one way to the container');
  assert.ok(labels('{ "build": { "|" } }').includes('target'));
  assert.ok(labels('{ "portsAttributes": { "3000": { "|" } } }').includes('onAutoForward'));
  assert.equal(chosen('{ "rem|" }', 'remoteUser'), '{ "remoteUser": "$0" }');
  assert.equal(chosen('{\n  rem|\n}', 'remoteUser'), '{\n  "remoteUser": "$0"\n}');
  assert.equal(chosen('{ "rem|": "x" }', 'remoteUser'), '{ "remoteUser": "x" }');
});

test('completion of values, names, paths and variables', () => {
  assert.deepEqual(labels('{ "shutdownAction": "|" }'), ['"none"', '"stopContainer"', '"stopCompose"']);
  assert.equal(chosen('{ "shutdownAction": "n|" }', '"none"'), '{ "shutdownAction": "none" }');
  assert.deepEqual(labels('{ "init": | }'), ['true', 'false']);
  assert.deepEqual(labels('{ "build": { "dockerfile": "../Dockerfile", "target": "|" } }'), ['base', 'dev']);
  assert.deepEqual(labels('{ "dockerComposeFile": ["../compose.yaml"], "service": "|" }'), ['app', 'db']);
  assert.deepEqual(labels('{ "build": { "dockerfile": "|" } }'), ['Dockerfile', '../']);
  assert.equal(
    chosen('{ "build": { "dockerfile": "../|" } }', 'Dockerfile'),
    '{ "build": { "dockerfile": "../Dockerfile" } }',
  );
  assert.equal(chosen('{ "name": "${localW|" }', 'localWorkspaceFolder'), '{ "name": "${localWorkspaceFolder}" }');
  const { document, offset } = at('{ "image": "node:2|2" }');
  assert.deepEqual(imageAt(document, offset), { prefix: 'node:2', span: { start: 17, end: 19 } });
});

test('hover, definition, links, symbols', () => {
  const said = (marked: string): string | undefined => {
    const { document, offset } = at(marked);
    return DEVCONTAINER.hover?.(document, offset)?.markdown;
  };
  assert.match(said('{ "init|ializeCommand": "x" }') ?? '', /on the host/);
  assert.match(said('{ "build": { "tar|get": "x" } }') ?? '', /`build\.target`: The stage/);
  assert.match(said('{ "name": "${local|Env:HOME}" }') ?? '', /environment here/);
  assert.equal(said('{ "name": "x|" }'), undefined);
  const places = (marked: string): string[] => {
    const { document, offset } = at(marked);
    return (
      DEVCONTAINER.definition?.(document, offset).map(({ uri, span }) => `${uri.split('/').at(-1)}:${span.start}`) ?? []
    );
  };
  assert.deepEqual(places('{ "build": { "dockerfile": "../Docker|file" } }'), ['Dockerfile:0']);
  assert.deepEqual(places('{ "build": { "dockerfile": "../Dockerfile", "target": "de|v" } }'), ['Dockerfile:28']);
  assert.deepEqual(places('{ "dockerComposeFile": "../compose.yaml", "service": "d|b" }'), ['compose.yaml:30']);
  const { document } = at('{ "image": "node", "build": { "dockerfile": "Dockerfile" } }');
  assert.deepEqual(
    DEVCONTAINER.links?.(document).map(({ target }) => target),
    ['https://hub.docker.com/_/node', 'file:///p/.devcontainer/Dockerfile'],
  );
  assert.deepEqual(
    DEVCONTAINER.symbols?.(document).map(({ name, children }) => [name, children.length]),
    [
      ['image', 0],
      ['build', 1],
    ],
  );
});

test('diagnostics', () => {
  const found = (text: string): string[] =>
    DEVCONTAINER.diagnose(at(text).document, DEFAULT_SETTINGS).map(
      ({ rule, span }) => `${rule} ${text.slice(span.start, span.end)}`,
    );
  assert.deepEqual(found('// c\n{ "image": "a", }'), []);
  assert.deepEqual(found('{ "image": "a", "remoteuser": "b" }'), ['UnknownDevContainerProperty "remoteuser"']);
  assert.deepEqual(found('{ "image": "a", "init": 1 }'), ['InvalidDevContainer 1']);
  assert.deepEqual(found('{ "image": "a", "build": { "dockerfile": "Dockerfile" } }').length, 1);
  assert.deepEqual(found('{ "build": { "dockerfile": "nosuch" } }'), ['MissingDevContainerFile nosuch']);
  assert.deepEqual(found('{ "image": '), ['InvalidDevContainer ']);
  const [finding] = DEVCONTAINER.diagnose(at('{ "image": "a", "remoteuser": "b" }').document, DEFAULT_SETTINGS);
  assert.equal(
    applyEdits('{ "image": "a", "remoteuser": "b" }', finding?.fixes?.[0]?.edits ?? []),
    '{ "image": "a", "remoteUser": "b" }',
  );
});

test('which files it owns', () => {
  assert.ok(DEVCONTAINER.owns('jsonc', 'file:///p/.devcontainer/devcontainer.json'));
  assert.ok(DEVCONTAINER.owns('', 'file:///p/.devcontainer.json'));
  assert.ok(!DEVCONTAINER.owns('json', 'file:///p/package.json'));
});

test('any text is read, and deep ones end', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '"build"',
    '"image"',
    'true',
    '${',
    '//',
    '\n',
    '\\',
    '1',
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.nat(), (parts, n) => {
      const text = parts.join('');
      const { document } = at(text);
      const offset = n % (text.length + 1);
      for (const { span } of complete(document, offset)) assert.ok(span.start <= span.end && span.end <= text.length);
      DEVCONTAINER.hover?.(document, offset);
      DEVCONTAINER.definition?.(document, offset);
      DEVCONTAINER.selection?.(document, offset);
      DEVCONTAINER.links?.(document);
      DEVCONTAINER.symbols?.(document);
      DEVCONTAINER.diagnose(document, DEFAULT_SETTINGS);
    }),
    { numRuns: 500 },
  );
  DEVCONTAINER.diagnose(at('['.repeat(100_000)).document, DEFAULT_SETTINGS);
});

test('Features: references, options, order, and what they install', () => {
  const node = 'ghcr.io/devcontainers/features/node:1';
  assert.ok(labels('{ "image": "x", "features": { "|" } }').includes(node));
  assert.equal(chosen('{ "features": { "ghcr.io/dev|" } }', node), `{ "features": { "${node}": {$0} } }`);
  assert.ok(!labels(`{ "features": { "${node}": {}, "|" } }`).includes(node), 'one of each');
  const order = '{ "features": { "ghcr.io/a/b/c:1": {}, "./own": {} }, "overrideFeatureInstallOrder": ["|"] }';
  assert.deepEqual(labels(order), ['ghcr.io/a/b/c', './own']);
  const { document, offset } = at(`{ "features": { "ghcr.io/devcontainers/fea|tures/node:1.5": {} } }`);
  assert.match(DEVCONTAINER.hover?.(document, offset)?.markdown ?? '', /^Node\.js/);
});

test('what is valid and not supported yet is no error', () => {
  const found = (text: string): string[] =>
    DEVCONTAINER.diagnose(at(text).document, DEFAULT_SETTINGS).map(({ rule, severity }) => `${severity} ${rule}`);
  const unsupported = ['information UnsupportedDevContainer'];
  assert.deepEqual(found('{ "image": "x", "features": { "ghcr.io/a/b:1": {}, "./c": "2", "d": true } }'), unsupported);
  assert.deepEqual(found('{ "dockerComposeFile": "../compose.yaml", "service": "app" }'), unsupported);
  const requirements = '"hostRequirements": { "memory": "8gb", "gpu": { "cores": 4 } }';
  assert.deepEqual(found(`{ "image": "x", ${requirements} }`), unsupported);
  for (const wrong of ['"features": { "a": 1 }', '"hostRequirements": { "memory": "much" }', '"secrets": { "A": 1 }'])
    assert.ok(found(`{ "image": "x", ${wrong} }`).includes('error InvalidDevContainer'), wrong);
});
