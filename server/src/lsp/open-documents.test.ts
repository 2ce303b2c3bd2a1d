import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from '../files.ts';
import type { Language, Source } from '../language.ts';
import { TOO_LONG } from '../too-long.ts';
import { openDocuments } from './open-documents-check.ts';

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
const NO_FILES = memoryFiles({});

test('a document is parsed once for each text', () => {
  const { language, parsed } = recorder();
  const texts: Record<string, readonly [string, string]> = { [URI]: ['dockerfile', 'FROM a'] };
  const documents = openDocuments(texts, NO_FILES, [language]);
  assert.equal(documents.parsed(URI), documents.parsed(URI));
  texts[URI] = ['dockerfile', 'FROM b'];
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

test('closed documents, other languages, texts without a file and texts without an end', () => {
  const { language, parsed } = recorder();
  const texts: Record<string, readonly [string, string]> = {
    'untitled:1': ['dockerfile', ''],
    'file:///x.yaml': ['yaml', ''],
    'file:///long': ['dockerfile', 'x'.repeat(1_000_001)],
    'file:///longer': ['other', 'xx'],
  };
  const other = { ...language, owns: (id: string) => id === 'other', longest: 1 };
  const documents = openDocuments(texts, NO_FILES, [language, other]);
  for (const uri of ['file:///gone', 'file:///x.yaml']) assert.equal(documents.parsed(uri), undefined);
  for (const uri of ['file:///long', 'file:///longer']) assert.equal(documents.parsed(uri)?.language, TOO_LONG);
  assert.equal(parsed.length, 0);
  documents.parsed('untitled:1');
  assert.equal(parsed[0]?.path, undefined);
});

test('what an editor has open goes before what is on disk, however its URI is written', () => {
  const { language, parsed } = recorder();
  const texts: Record<string, readonly [string, string]> = {
    [URI]: ['dockerfile', ''],
    'file:///project/%2Eenv': ['ini', 'A=new'],
  };
  const disk = memoryFiles({ '/project/.env': 'A=old', '/project/b': 'disk' });
  openDocuments(texts, disk, [language]).parsed(URI);
  const files = parsed[0]?.files;
  assert.equal(files?.read('/project/.env'), 'A=new');
  assert.equal(files?.read('/project/b'), 'disk');
  assert.equal(files?.kind('/project/.env'), 'file');
});
