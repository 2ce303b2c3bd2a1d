import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { memoryFiles } from '../files.ts';
import type { Language, Source } from '../language.ts';
import { createOpenDocuments } from './open-documents.ts';

/** Remembers what it was given to parse. */
function recorder(): { language: Language<unknown>; parsed: Source[] } {
  const parsed: Source[] = [];
  const language: Language<unknown> = {
    name: 'dockerfile',
    owns: (languageId) => languageId === 'dockerfile',
    parse: (source) => parsed.push(source),
    diagnose: () => [],
  };
  return { language, parsed };
}

const URI = 'file:///project/Dockerfile';

test('a document is parsed once for each version', () => {
  const { language, parsed } = recorder();
  let document = TextDocument.create(URI, 'dockerfile', 1, 'FROM a');
  const documents = createOpenDocuments([language], memoryFiles({}), () => document);
  assert.equal(documents.parsed(URI), documents.parsed(URI));
  document = TextDocument.update(document, [{ text: 'FROM b' }], 2);
  documents.parsed(URI);
  assert.deepEqual(
    parsed.map(({ text, path }) => [text, path]),
    [
      ['FROM a', '/project/Dockerfile'],
      ['FROM b', '/project/Dockerfile'],
    ],
  );
  documents.forgetAll();
  documents.parsed(URI);
  assert.equal(parsed.length, 3);
});

test('closed documents, other languages and texts without a file', () => {
  const { language, parsed } = recorder();
  const texts = new Map([
    ['untitled:1', TextDocument.create('untitled:1', 'dockerfile', 1, '')],
    ['file:///x.yaml', TextDocument.create('file:///x.yaml', 'yaml', 1, '')],
  ]);
  const documents = createOpenDocuments([language], memoryFiles({}), (uri) => texts.get(uri));
  assert.equal(documents.parsed('file:///gone'), undefined);
  assert.equal(documents.parsed('file:///x.yaml'), undefined);
  documents.parsed('untitled:1');
  assert.equal(parsed[0]?.path, undefined);
});

test('what an editor has open goes before what is on disk', () => {
  const { language, parsed } = recorder();
  const texts = new Map([
    [URI, TextDocument.create(URI, 'dockerfile', 1, '')],
    ['file:///project/.env', TextDocument.create('file:///project/.env', 'ini', 1, 'A=new')],
  ]);
  const disk = memoryFiles({ '/project/.env': 'A=old', '/project/b': 'disk' });
  createOpenDocuments([language], disk, (uri) => texts.get(uri)).parsed(URI);
  const files = parsed[0]?.files;
  assert.equal(files?.read('/project/.env'), 'A=new');
  assert.equal(files?.read('/project/b'), 'disk');
  assert.equal(files?.kind('/project/.env'), 'file');
});
