/** ADD: archives, addresses, devices and extended attributes; and hostile contexts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { findProgram } from '../../tools/setup/run-program.ts';
import { callSocket } from '../support/call-socket.ts';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { startFileServer } from '../support/file-server.ts';
import { startGitServer } from '../support/git-server.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const noGit = findProgram('git') === undefined && 'there is no git to make a repository with';
let engine: TestEngine;
let server: Server;
let base = '';
const MODIFIED = 'Wed, 01 Jan 2025 00:00:00 GMT';
before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/d/file.txt') response.setHeader('last-modified', MODIFIED).end('downloaded\n');
    else if (request.url === '/d/') response.end('without a name');
    else if (request.url === '/d/archive.tgz') response.end(execFileSync('tar', ['-cz', '-C', '/etc', 'hostname']));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  engine = await startTestEngine();
});
after(async () => {
  server.close();
  await engine?.[Symbol.asyncDispose]();
});

async function build(folder: ReturnType<typeof contextFolder>, lines: readonly string[]): Promise<string> {
  folder.write({ Dockerfile: lines.join('\n') });
  const { code, said } = await dockerBuild(engine, folder, '-t', 'added');
  assert.equal(code, 0, said);
  return said;
}
async function fails(lines: readonly string[]): Promise<string> {
  using folder = contextFolder({ Dockerfile: lines.join('\n') });
  const { code, said } = await dockerBuild(engine, folder);
  assert.notEqual(code, 0, said);
  return said;
}
const run = async (script: string): Promise<string> =>
  (await docker(engine, 'run', '--rm', '--network=none', 'added', 'sh', '-c', script)).stdout;

test('local archives are unpacked, whatever their compression; other files are not', async () => {
  using folder = contextFolder({ 'in/z': 'z', plain: 'plain' });
  const sh = (script: string): void => void execFileSync('sh', ['-c', script], { cwd: folder.path });
  sh(
    'tar cf a.tar in; tar czf b.tgz in; tar cjf c.tbz in; tar cJf d.txz in; gzip -c plain >plain.gz; head -c 60 b.tgz >cut.tgz',
  );
  await build(folder, [
    'FROM busybox',
    ...['a.tar', 'b.tgz', 'c.tbz', 'd.txz'].map((name) => `ADD ${name} /${name}/`),
    'ADD plain.gz plain /files/',
    'ADD --unpack=false a.tar /packed/',
    'COPY b.tgz /copied/',
  ]);
  assert.equal(
    await run('cat /a.tar/in/z /b.tgz/in/z /c.tbz/in/z /d.txz/in/z; ls /files /packed /copied'),
    'zzzz/copied:\nb.tgz\n\n/files:\nplain\nplain.gz\n\n/packed:\na.tar\n',
  );
});

test('an archive takes the place of what is there, but never leaves the image', async () => {
  using folder = contextFolder({ 'in/d/f': 'from archive' });
  execFileSync('tar', ['cf', 'a.tar', '-C', 'in', 'd'], { cwd: folder.path });
  await build(folder, ['FROM busybox', 'RUN mkdir /to && ln -s /etc /to/d', 'ADD a.tar /to/']);
  assert.equal(await run('test ! -L /to/d && cat /to/d/f; test ! -e /etc/f && echo safe'), 'from archivesafe\n');
});

test('owners, hard links, devices, pipes and file capabilities survive ADD and COPY --from', async () => {
  using folder = contextFolder({ 'root/f': 'f', 'root/cap': '+x' });
  const script = [
    'chown 77:88 f; ln f hard; mknod null c 1 3; mkfifo pipe; chmod 4755 cap; setcap cap_net_raw+ep cap',
    "tar --xattrs --xattrs-include='*' -czf ../r.tgz .",
  ].join('; ');
  execFileSync('sh', ['-c', script], { cwd: path.join(folder.path, 'root') });
  folder.write({ '.dockerignore': 'root' });
  await build(folder, ['FROM busybox AS a', 'ADD r.tgz /r/', 'FROM busybox', 'COPY --from=a /r /copied']);
  const script2 =
    'cd /copied; stat -c "%n %F %a %u:%g %h" cap f hard null pipe; test "$(stat -c %i f)" = "$(stat -c %i hard)" && echo linked';
  assert.deepEqual((await run(script2)).trim().split('\n'), [
    'cap regular file 4755 0:0 1',
    'f regular file 644 77:88 2',
    'hard regular file 644 77:88 2',
    'null character special file 644 0:0 1',
    'pipe fifo 644 0:0 1',
    'linked',
  ]);
  const layers = path.join(engine.dataRoot, 'snapshots');
  const found = execFileSync('sh', ['-c', `getcap $(find ${layers} -path '*/copied/cap')`], { encoding: 'utf8' });
  assert.match(found, /cap_net_raw/);
});

test('files are downloaded, with their time, and checked', async () => {
  using folder = contextFolder({});
  const digest = `sha256:${createHash('sha256').update('downloaded\n').digest('hex')}`;
  await build(folder, [
    'FROM busybox',
    `ADD ${base}/d/file.txt /dir/`,
    `ADD --checksum=${digest} --chmod=644 ${base}/d/file.txt /checked`,
    `ADD ${base}/d/archive.tgz /packed`,
    `ADD --unpack ${base}/d/archive.tgz /unpacked/`,
  ]);
  const script =
    'cat /dir/file.txt; stat -c "%a %Y" /dir/file.txt; stat -c %a /checked; test -f /packed && ls /unpacked';
  assert.equal(await run(script), `downloaded\n600 ${Date.parse(MODIFIED) / 1000}\n644\nhostname\n`);
  const said = (await dockerBuild(engine, folder)).said;
  assert.equal(said.split('Using cache').length - 1, 4, 'the same content again is cached');
});

test('what cannot be downloaded is an error that says why', async () => {
  assert.match(await fails(['FROM busybox', `ADD ${base}/nothing /`]), /the server answered 404/);
  assert.match(
    await fails(['FROM busybox', 'ADD http://127.0.0.1:1/x /']),
    /Get "http:\/\/127\.0\.0\.1:1\/x": dial tcp .*connection refused/,
  );
  assert.match(
    await fails(['FROM busybox', `ADD --checksum=sha256:${'0'.repeat(64)} ${base}/d/file.txt /`]),
    /digest mismatch/,
  );
});

test('Git repositories: what the address means, with what is below it', { skip: noGit }, async () => {
  using folder = contextFolder({});
  const at = (name: string): string => path.join(folder.path, name);
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'protocol.file.allow=always'];
  const git = (...args: string[]): string =>
    execFileSync('git', [...who, ...args], { encoding: 'utf8', stdio: 'pipe' });
  await using served = await startGitServer(folder.path);
  folder.write({ 'below.git/f': 'below', 'r.git/top': 'top', 'r.git/dir/f': 'in dir', Dockerfile: '' });
  for (const name of ['below.git', 'r.git']) {
    git('init', '--quiet', '--initial-branch=master', at(name)); // the name that git init has by itself
    if (name === 'r.git') {
      git('-C', at(name), 'submodule', '--quiet', 'add', at('below.git'), 'sub');
      git('config', '--file', at('r.git/.gitmodules'), 'submodule.sub.url', `${served.url}/below.git`);
    }
    git('-C', at(name), 'add', '.');
    git('-C', at(name), 'commit', '--quiet', '-m', 'x');
  }
  git('-C', at('r.git'), 'tag', '-a', '-m', 'x', 'v1');
  const commit = git('-C', at('r.git'), 'rev-parse', 'HEAD').trim();
  const address = `${served.url}/r.git`;
  const script =
    'cat /all/top /all/sub/f /dir/f /tag/f; test -e /all/.git || cat /kept/.git/HEAD; ls /kept/.git/refs/tags';
  await build(folder, [
    'FROM busybox',
    `ADD ${address} /all`,
    `ADD ${address}#master:dir /dir/`,
    `ADD --checksum=${commit.slice(0, 8)} ${address}?tag=v1&subdir=dir /tag`,
    `ADD --keep-git-dir ${address}#v1 /kept`,
  ]);
  assert.equal(await run(script), `topbelowin dirin dir${commit}\nv1\n`);
  assert.match(await fails(['FROM busybox', `ADD ${address}#v2 /`]), /repository does not contain ref v2: .*\/r\.git/);
  assert.match(
    await fails(['FROM busybox', `ADD ${address}#:top /`]),
    /git subpath "\/top" contains non-directory "top"/,
  );
  assert.match(await fails(['FROM busybox', `ADD --checksum=abcdef01 ${address} /`]), /expected checksum to match/);
  // A server that knows nothing of Git sends no part of a history.
  git('-C', at('r.git'), 'update-server-info');
  await using plain = await startFileServer(folder.path);
  await build(folder, [
    'FROM busybox',
    `ADD ${plain.url}/r.git/.git#master:dir /dir/`,
    `ADD --keep-git-dir ${plain.url}/r.git/.git?tag=v1 /all`,
    `ADD ${plain.url}/r.git/.git?commit=${commit} /that`,
  ]);
  assert.equal(await run('cat /dir/f /all/.git/HEAD /that/sub/f'), `in dir${commit}\nbelow`);
});

test('a hostile context touches nothing outside', async () => {
  const marker = `/tmp/slipway-hostile-${process.pid}`;
  const dockerfile = { name: 'Dockerfile', data: 'FROM busybox\nCOPY . /c\nRUN ls /c/link 2>&1 | tail -1' };
  const post = async (entries: Parameters<typeof handMadeTar>[0]) =>
    callSocket(engine.socket, 'POST', '/build?nocache=1', handMadeTar(entries));
  const climbing = await post([dockerfile, { name: `../../../../../..${marker}`, data: 'x' }]);
  assert.match(climbing.text, /forbidden path outside the build context/);
  const through = await post([
    dockerfile,
    { name: 'link', type: '2', linkName: '/tmp' },
    { name: `link/${path.basename(marker)}`, data: 'x' },
  ]);
  assert.match(through.text, /Successfully built/);
  // As BuildKit copies it; what a container may do with a device is decided by its cgroup.
  const device = await post([dockerfile, { name: 'dev', type: '3', deviceMajor: 1, deviceMinor: 3 }]);
  assert.match(device.text, /Successfully built/);
  assert.equal(existsSync(marker), false);
  const cut = await callSocket(
    engine.socket,
    'POST',
    '/build',
    handMadeTar([{ ...dockerfile, data: 'x'.repeat(5000) }], Buffer.alloc(0)).subarray(0, 3000),
  );
  assert.match(cut.text, /unexpected EOF/);
});
