import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { followRecipe, openRecipe, type RecipeSource } from './recipe.ts';

let root: string;
let source: RecipeSource;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-recipe-'));
  source = {
    recipe: path.join(root, 'r'),
    directory: path.join(root, 'd'),
    lostDirectory: path.join(root, 'lost'),
    lost: {},
  };
  mkdirSync(source.directory);
  mkdirSync(source.lostDirectory);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function follow(from: RecipeSource = source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of followRecipe(from)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function write(...parts: (string | { name: string; size: number })[]): Promise<void> {
  const recipe = openRecipe(source.recipe);
  for (const part of parts) {
    if (typeof part === 'string') recipe.raw(Buffer.from(part));
    else recipe.file(part.name, part.size);
    await recipe.flush();
  }
  await recipe.close();
  await recipe.close();
}

test('records that meet the end of a page come back whole', async () => {
  writeFileSync(path.join(source.directory, 'file'), 'content');
  const page = 256 * 1024;
  for (let length = page - 24; length <= page + 2; length++) {
    const first = 'a'.repeat(length);
    await write(first, { name: 'file', size: 7 }, 'b', { name: 'file', size: 7 }, 'c'.repeat(2 * page + 1));
    const expected = `${first}contentbcontent${'c'.repeat(2 * page + 1)}`;
    assert.ok((await follow()).equals(Buffer.from(expected)), `after ${length} bytes`);
  }
});

test('raw bytes and files come back in order', async () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5000 }),
    fc.record({ content: fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const contents = pieces.map((one) => (typeof one === 'string' ? one : one.content));
      for (const [i, content] of contents.entries()) writeFileSync(path.join(source.directory, `f${i}`), content);
      const named = pieces.map((one, i) =>
        typeof one === 'string' ? one : { name: `f${i}`, size: Buffer.byteLength(one.content) },
      );
      await write(...named);
      assert.ok((await follow()).equals(Buffer.from(contents.join(''))));
    }),
    { numRuns: 40 },
  );
});

test('names are bytes; replaced contents come from where they were kept', async () => {
  writeFileSync(Buffer.concat([Buffer.from(`${source.directory}/`), Buffer.from([0xe4])]), 'umlaut');
  writeFileSync(path.join(source.directory, 'f'), 'new!');
  writeFileSync(path.join(source.lostDirectory, '1'), 'old');
  await write('<', { name: '\xe4', size: 6 }, { name: 'f', size: 3 }, { name: 'f', size: 4 }, '>');
  assert.equal((await follow({ ...source, lost: { 1: '1' } })).toString(), '<umlautoldnew!>');
});

test('a file of another size, a missing one and a cut-off recipe are noticed', async () => {
  writeFileSync(path.join(source.directory, 'f'), 'four');
  await write('x', { name: 'f', size: 5 });
  await assert.rejects(follow(), { code: 'internal', message: /has 4 bytes instead of 5/ });
  await write({ name: 'missing', size: 5 });
  await assert.rejects(follow(), { code: 'ENOENT' });
  await write('a long piece of raw bytes');
  writeFileSync(source.recipe, zstdCompressSync(zstdDecompressSync(readFileSync(source.recipe)).subarray(0, 15)));
  await assert.rejects(follow(), { code: 'internal', message: /cut off/ });
});
