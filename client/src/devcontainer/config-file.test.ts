import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { findConfigFiles, placeOf, readConfigFile } from './config-file.ts';

let folder: string;
const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-config-'));
});
after(() => rmSync(folder, { recursive: true }));

async function failure(file: string): Promise<EngineError> {
  return await readConfigFile(file).then(
    () => assert.fail('it was read'),
    (error: EngineError) => error,
  );
}

test('configurations are found where the specification puts them, in its order', async () => {
  assert.deepEqual(await findConfigFiles(folder), []);
  const files = [
    write('.devcontainer/devcontainer.json', '{ "image": "a" }'),
    write('.devcontainer.json', '{ "image": "b" }'),
    write('.devcontainer/api/devcontainer.json', '{ "image": "c" }'),
    write('.devcontainer/web/devcontainer.json', '{ "image": "d" }'),
  ];
  write('.devcontainer/deeper/still/devcontainer.json', '{}');
  write('.devcontainer/notes.txt', '');
  assert.deepEqual(await findConfigFiles(folder), files);
});

test('a good one is read, with its warnings and the places of later problems', async () => {
  const file = write('good.json', '{\n  "image": "a",\n  "imagee": 1,\n  "runArgs": ["--x"]\n}');
  const { config, warnings, errorAt } = await readConfigFile(file);
  assert.equal(config.image, 'a');
  assert.deepEqual(
    warnings.map(({ line }) => line),
    [3],
  );
  const error = errorAt(['runArgs', 0], 'no');
  assert.equal(error.message, `${file}:4:15: no`);
  assert.deepEqual(placeOf(error), { file, line: 4, column: 15 });
});

test('a bad one is an error with its place, a missing one without', async () => {
  const file = write('bad.json', '{\n  "image": 1,\n  "name": 2\n}');
  const bad = await failure(file);
  assert.equal(bad.message, `${file}:2:12: image must be a string, not a number (and 1 more)`);
  assert.deepEqual(placeOf(bad), { file, line: 2, column: 12 });
  const missing = await failure(path.join(folder, 'missing.json'));
  assert.equal(missing.code, 'not-found');
  assert.equal(placeOf(missing), undefined);
  assert.equal(placeOf(new EngineError('internal', 'x', { cause: 'text' })), undefined);
});
