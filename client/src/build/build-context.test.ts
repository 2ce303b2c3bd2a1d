import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { extract } from 'tar-stream';
import type { EngineError } from '#model/engine-api/errors.ts';
import { buildContext } from './build-context.ts';

let folder: string;
const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-context-'));
  write('app/Dockerfile', 'FROM x');
  write('app/src/a.js', 'one');
  write('app/src/empty', '');
  write('app/node_modules/x/i.js', 'x');
  write('app/docs/keep.md', 'kept');
  write('app/docs/other.md', 'x');
  write('app/dev/Dockerfile', 'FROM y');
  write('app/.dockerignore', 'node_modules\ndocs\n!docs/keep.md\ndev\nDockerfile\n');
  write('elsewhere/Dockerfile', 'FROM elsewhere');
  symlinkSync('src/a.js', path.join(folder, 'app/link'));
  chmodSync(write('app/run.sh', '#!/bin/sh'), 0o755);
});
after(() => rmSync(folder, { recursive: true }));

async function entries(context: string, dockerfile: string): Promise<{ dockerfile: string; names: string[] }> {
  const made = await buildContext(path.join(folder, context), path.join(folder, dockerfile));
  const archive = extract();
  made.body.pipe(archive);
  const names: string[] = [];
  for await (const entry of archive) {
    const { name, type, linkname, mode } = entry.header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    const rest =
      type === 'symlink' ? ` -> ${linkname}` : type === 'directory' ? '/' : `=${Buffer.concat(chunks).toString()}`;
    names.push(`${name}${rest}${(mode & 0o100) !== 0 && type === 'file' ? ' x' : ''}`);
  }
  return { dockerfile: made.dockerfile, names };
}

test('everything but what .dockerignore leaves out; Dockerfile and .dockerignore always', async () => {
  assert.deepEqual(await entries('app', 'app/Dockerfile'), {
    dockerfile: 'Dockerfile',
    names: [
      '.dockerignore=node_modules\ndocs\n!docs/keep.md\ndev\nDockerfile\n',
      'Dockerfile=FROM x',
      'docs/keep.md=kept',
      'link -> src/a.js',
      'run.sh=#!/bin/sh x',
      'src/',
      'src/a.js=one',
      'src/empty=',
    ],
  });
});

test('a Dockerfile in an ignored folder, and one outside of the context', async () => {
  const inside = await entries('app', 'app/dev/Dockerfile');
  assert.equal(inside.dockerfile, 'dev/Dockerfile');
  assert.ok(inside.names.includes('dev/Dockerfile=FROM y'));
  const outside = await entries('app', 'elsewhere/Dockerfile');
  assert.equal(outside.names[0], `${outside.dockerfile}=FROM elsewhere`);
});

test('an ignore file of its own beside the Dockerfile comes first', async () => {
  write('elsewhere/Dockerfile.dockerignore', '**/*\n!src/a.js\n');
  const { names } = await entries('app', 'elsewhere/Dockerfile');
  assert.deepEqual(
    names.filter((name) => !name.startsWith('.')),
    ['src/a.js=one'],
  );
});

test('what is missing is said; a receiver that goes away is no trouble', async () => {
  const missing = (error: EngineError): boolean => error.code === 'not-found';
  await assert.rejects(buildContext(path.join(folder, 'app'), path.join(folder, 'app/None')), missing);
  await assert.rejects(buildContext(path.join(folder, 'none'), path.join(folder, 'app/Dockerfile')), missing);
  writeFileSync(path.join(folder, 'app/big'), Buffer.alloc(4_000_000));
  const { body } = await buildContext(path.join(folder, 'app'), path.join(folder, 'app/Dockerfile'));
  await once(body, 'readable');
  body.destroy(new Error('gone'));
  await new Promise((resolve) => body.once('close', resolve));
});
