/** Completion, hover, diagnostics, formatting and tokens of `.dockerignore`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { complete } from './complete.ts';
import { type IgnoreDocument, readIgnoreFile } from './document.ts';
import { hover } from './hover.ts';
import { DOCKERIGNORE } from './language.ts';

const FILES = {
  '/p/.dockerignore': '',
  '/p/package.json': '',
  '/p/src/main.ts': '',
  '/p/src/main.log': '',
  '/p/node_modules/x/y.js': '',
  '/p/logs/a.log': '',
  '/p/logs/keep.log': '',
};

function at(marked: string, files: Record<string, string> = FILES): { document: IgnoreDocument; offset: number } {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const path = '/p/.dockerignore';
  const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles(files) };
  return { document: readIgnoreFile(source), offset };
}

/** `rule text`, for each finding. */
function findings(text: string, files?: Record<string, string>): string[] {
  const { document } = at(text, files);
  return DOCKERIGNORE.diagnose(document, DEFAULT_SETTINGS).map(
    ({ rule, span }) => `${rule} ${text.slice(span.start, span.end)}`,
  );
}

test('patterns that are none, that match nothing, and exceptions without effect', () => {
  assert.deepEqual(findings('# c\nnode_modules\n*.zip\n[\n!\n'), [
    'IgnoreNothing *.zip',
    'IgnoreInvalidPattern [',
    'IgnoreInvalidPattern !',
  ]);
  assert.deepEqual(findings('!package.json\nlogs\n!logs/keep.log\n!src/main.ts\n'), [
    'IgnoreExceptionWithoutEffect !package.json',
    'IgnoreExceptionWithoutEffect !src/main.ts',
  ]);
  assert.deepEqual(findings('**/*.log\n/src\n./logs\n'), []);
  assert.deepEqual(findings('*.zip', {}), [], 'nothing is known of a folder that cannot be read');
});

test('the fix takes the whole line out', () => {
  const text = 'a\n  *.zip \nlogs\n';
  const [finding] = DOCKERIGNORE.diagnose(at(text.replace('a\n', 'src\n')).document, DEFAULT_SETTINGS);
  assert.equal(applyEdits(text.replace('a\n', 'src\n'), finding?.fixes?.[0]?.edits ?? []), 'src\nlogs\n');
});

test('hover says what a pattern is about', () => {
  const said = (marked: string): string | undefined => {
    const { document, offset } = at(marked);
    return hover(document, offset)?.markdown;
  };
  assert.match(said('lo|gs') ?? '', /Ignores 1 entry:\n\n- `logs\/` and all in it/);
  assert.match(said('**/*.l|og') ?? '', /Ignores 3 entries:.*`logs\/a\.log`/s);
  assert.match(said('logs\n!logs/k|eep.log') ?? '', /Takes back 1 entry:\n\n- `logs\/keep\.log`/);
  assert.match(said('x|yz') ?? '', /Ignores nothing/);
  assert.equal(said('# c|'), undefined);
});

test('completion: what is there, hidden files too, and what is often ignored', () => {
  const labels = (marked: string): string[] => {
    const { document, offset } = at(marked);
    return complete(document, offset).map(({ label }) => label);
  };
  const top = labels('|');
  for (const label of ['src/', 'package.json', '.dockerignore', '.git', '**/node_modules'])
    assert.ok(top.includes(label), label);
  assert.deepEqual(labels('logs\n!logs/|'), ['a.log', 'keep.log']);
  assert.deepEqual(labels('# |'), []);
  assert.ok(!labels('.git\n|').includes('.git'));
  const { document, offset } = at('!src/ma|in');
  const item = complete(document, offset).find(({ label }) => label === 'main.ts');
  assert.equal(applyEdits(document.text, item === undefined ? [] : [item]), '!src/main.ts');
});

test('tokens and formatting', () => {
  const { document } = at('# c\n!**/a?  \n');
  assert.deepEqual(
    DOCKERIGNORE.tokens?.(document).map(({ span, type }) => `${document.text.slice(span.start, span.end)} ${type}`),
    ['# c comment', '! keyword', '** operator', '? operator'],
  );
  const options = { tabSize: 4, insertSpaces: true };
  assert.equal(applyEdits(document.text, DOCKERIGNORE.format?.(document, options) ?? []), '# c\n!**/a?\n');
});

test('which files it owns', () => {
  for (const uri of ['file:///p/.dockerignore', 'file:///p/web.Dockerfile.dockerignore', 'file:///p/.containerignore'])
    assert.ok(DOCKERIGNORE.owns('', uri), uri);
  assert.ok(!DOCKERIGNORE.owns('', 'file:///p/.gitignore'));
});

test('any text is read', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('*', '!', '[', ']', '/', 'a', '.', '\n', '\\', ' ', '#', '\r') }),
      fc.nat(),
      (text, n) => {
        const { document } = at(text.replaceAll('|', ''));
        complete(document, n % (text.length + 1));
        hover(document, n % (text.length + 1));
        for (const { span } of DOCKERIGNORE.diagnose(document, DEFAULT_SETTINGS))
          assert.ok(span.start <= span.end && span.end <= text.length);
      },
    ),
  );
});
