import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { linuxHost } from '../../host/linux.ts';
import { findProgram } from '../../host/tools.ts';
import { createTransport } from '../../registry/transport.ts';
import { type ContextSource, openContext } from './open-context.ts';

let folder = '';
let server: Server;
let base = '';
let tar: Buffer;
const transport = createTransport();
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-open-'));
  mkdirSync(path.join(folder, 'source'));
  writeFileSync(path.join(folder, 'source/Dockerfile'), 'FROM scratch\n');
  writeFileSync(path.join(folder, 'source/f'), 'file');
  tar = execFileSync('tar', ['--create', '--file=-', `--directory=${path.join(folder, 'source')}`, '.']);
  server = createServer((request, response) => {
    if (request.url === '/Dockerfile') response.setHeader('content-type', 'text/plain; charset=utf-8').end('FROM a\n');
    else if (request.url === '/c.tar.gz') response.setHeader('content-type', 'application/gzip').end(gzipSync(tar));
    else if (request.url === '/said-to-be-text') response.setHeader('content-type', 'text/plain').end(tar);
    else if (request.url === '/said-to-be-binary') response.end('FROM b\n');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  transport[Symbol.dispose]();
  server.close();
  rmSync(folder, { recursive: true });
});

const open = (source: ContextSource) => {
  const directory = path.join(folder, 'contexts');
  return openContext(source, { host: linuxHost, transport, directory, signal: new AbortController().signal });
};
const textOf = async (source: ContextSource, name: string): Promise<string | undefined> => {
  using context = await open(source);
  return context.index.tree(context.spool).text(name);
};

test('a tar stream, compressed or not', async () => {
  assert.equal(await textOf({ context: Readable.from([tar]) }, 'f'), 'file');
  assert.equal(await textOf({ context: Readable.from([gzipSync(tar)]) }, 'f'), 'file');
});

test('an address of an archive, or of a Dockerfile alone', async () => {
  assert.equal(await textOf({ remote: `${base}/c.tar.gz` }, 'f'), 'file');
  assert.equal(await textOf({ remote: `${base}/Dockerfile` }, 'Dockerfile'), 'FROM a\n');
  assert.equal(await textOf({ remote: `${base}/said-to-be-text` }, 'f'), 'file');
  assert.equal(await textOf({ remote: `${base}/said-to-be-binary` }, 'Dockerfile'), 'FROM b\n');
});

test('what cannot be had is an error that says why', async () => {
  await assert.rejects(open({}), { code: 'invalid', message: 'a build needs a context' });
  await assert.rejects(open({ remote: `${base}/nothing` }), {
    code: 'invalid',
    message: /remote context: failed to get .*answered 404/,
  });
  await assert.rejects(open({ remote: 'http://127.0.0.1:1/x' }), {
    code: 'invalid',
    message: /error downloading remote context/,
  });
  await assert.rejects(open({ remote: 'ftp://h/x' }), { code: 'invalid', message: /unsupported remote build context/ });
});

test('a Git repository, by branch and folder', { skip: findProgram('git') === undefined }, async () => {
  const work = path.join(folder, 'repository.git');
  const git = (...args: string[]): void => void execFileSync('git', args, { stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main', work);
  mkdirSync(path.join(work, 'sub'));
  writeFileSync(path.join(work, 'sub/Dockerfile'), 'FROM git\n');
  git('-C', work, 'add', '.');
  git('-C', work, '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '-m', 'x');
  git('-C', work, '-c', 'user.name=t', '-c', 'user.email=t@t', 'tag', '-a', '-m', 'x', 'v1');
  const port = await freePort();
  const options = ['--export-all', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${folder}`];
  const daemon = spawn('git', ['daemon', ...options], { stdio: 'ignore', detached: true });
  try {
    const address = `git://127.0.0.1:${port}/repository.git`;
    await until(() => textOf({ remote: address }, 'sub/Dockerfile'));
    assert.equal(await textOf({ remote: address }, 'sub/Dockerfile'), 'FROM git\n');
    assert.equal(await textOf({ remote: `${address}#main:sub` }, 'Dockerfile'), 'FROM git\n');
    assert.equal(await textOf({ remote: `${address}#v1:sub` }, 'Dockerfile'), 'FROM git\n');
    assert.equal(await textOf({ remote: address }, '.git/HEAD'), undefined);
    const buildArgs = { BUILDKIT_CONTEXT_KEEP_GIT_DIR: '1' };
    assert.match((await textOf({ remote: address, buildArgs }, '.git/HEAD')) ?? '', /^[0-9a-f]{40}\n$/);
    await assert.rejects(open({ remote: `${address}#main:no` }), { message: /"\/no" is not in the repository$/ });
    await assert.rejects(open({ remote: `${address}#main:sub/Dockerfile` }), {
      message: /non-directory "Dockerfile"$/,
    });
    await assert.rejects(open({ remote: `${address}#nosuch` }), {
      code: 'invalid',
      message: /does not contain ref nosuch/,
    });
    assert.deepEqual(readdirSync(path.join(folder, 'contexts')), []);
  } finally {
    process.kill(-(daemon.pid ?? 0), 'SIGKILL'); // git starts the daemon as a child of its own
  }
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function until(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(100);
    }
  }
}

test('nothing stays in the folder, also of a context that needed a file', async () => {
  writeFileSync(path.join(folder, 'large'), 'x'.repeat(200_000));
  const large = execFileSync('tar', ['--create', '--file=-', `--directory=${folder}`, 'large'], { maxBuffer: 1 << 20 });
  assert.equal((await textOf({ context: Readable.from([large]) }, 'large'))?.length, 200_000);
  assert.deepEqual(readdirSync(path.join(folder, 'contexts')), []);
});
