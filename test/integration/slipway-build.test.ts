/** `slipway build`: what docker's classic client cannot carry. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startSshd } from '../support/sshd.ts';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { builtBySlipway, type Ended, slipway, slipwayBuild } from '../support/slipway-build.ts';

let engine: TestEngine;
let folder = '';
before(async () => {
  engine = await startTestEngine();
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-build-command-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await engine?.[Symbol.asyncDispose]();
});

const built = (args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  builtBySlipway(engine, args, { input, env, cwd: folder });

async function refused(args: readonly string[], expected: RegExp): Promise<void> {
  const { code, stderr } = await slipwayBuild(engine, args, { cwd: folder });
  assert.notEqual(code, 0, stderr);
  assert.match(stderr, expected);
}

test('secrets: as a file, with owner and mode, and as a variable; they stay out of the image and of the cache', async () => {
  using context = contextFolder({
    Dockerfile: [
      'FROM busybox',
      'RUN --mount=type=secret,id=s,uid=5,mode=0440 stat -c "%a %u" /run/secrets/s >/seen; md5sum </run/secrets/s >>/seen',
      'RUN --mount=type=secret,id=v,env=TOKEN echo "${#TOKEN} $(ls /run/secrets 2>/dev/null)" >>/seen',
      'RUN --mount=type=secret,id=s,target=/etc/conf/key cat /etc/conf/key | wc -c >>/seen',
      'RUN --mount=type=secret,id=none test ! -e /run/secrets/none',
      'RUN ls /run/secrets /etc/conf >>/seen 2>&1; true',
    ].join('\n'),
  });
  writeFileSync(path.join(folder, 'secret'), 'hidden');
  const args = ['--secret', 'id=s,src=secret', '--secret', 'id=v,env=MY_TOKEN', '-t', 'secrets', context.path];
  await built(args, '', { MY_TOKEN: '12345' });
  const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'secrets', 'cat', '/seen');
  const md5 = '662f707d5491e9bce8238a6c0be92190  -';
  assert.deepEqual(stdout.split('\n').slice(0, 4), ['440 5', md5, '5 ', '6']);
  assert.match(stdout, /\/run\/secrets: No such file/);
  const again = await built(args, '', { MY_TOKEN: 'other' });
  assert.equal(again.stderr.match(/Using cache/g)?.length, 5, 'the value is no part of what a step is');
  writeFileSync(path.join(context.path, 'Dockerfile'), 'FROM busybox\nRUN --mount=type=secret,id=no,required true');
  await refused([context.path], /secret no: not found \(give it with: --secret id=no,src=FILE\)/);
});

test('SSH agents: a connection in the step is one to the agent here', async () => {
  const socket = path.join(folder, 'agent.sock');
  const agent = createServer((connection) => connection.on('data', (data) => connection.end(`agent got ${data}`)));
  await new Promise<void>((resolve) => agent.listen(socket, resolve));
  try {
    const ask = '$s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die $!; print $s "hello\\n"; print <$s>';
    const run = `RUN --mount=type=ssh,id=mine perl -MIO::Socket::UNIX -e '${ask}' >/said`;
    using context = contextFolder({ Dockerfile: `FROM debian:bookworm-slim\n${run}` });
    await built(['--ssh', `mine=${socket}`, '-t', 'agents', context.path]);
    const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'agents', 'cat', '/said');
    assert.equal(stdout, 'agent got hello\n');
  } finally {
    agent.close();
  }
});

test('ADD of a Git repository by SSH asks the agent of who builds, and no key of this machine', async () => {
  await using sshd = await startSshd();
  const repository = path.join(sshd.folder, 'repository');
  const sh = (script: string): string => execFileSync('sh', ['-ec', script], { cwd: sshd.folder, encoding: 'utf8' });
  sh(
    `git init -q ${repository}; cd ${repository}; echo kept >file; git add file; git -c user.name=t -c user.email=t@example.test commit -qm t`,
  );
  const pid = /SSH_AGENT_PID=(\d+)/.exec(sh('ssh-agent -a agent.sock'))?.[1];
  try {
    sh(`SSH_AUTH_SOCK=agent.sock ssh-add -q ${sshd.keyFile}`);
    const address = `ssh://root@127.0.0.1:${sshd.port}${repository}`;
    using context = contextFolder({ Dockerfile: `FROM busybox\nADD ${address} /got\nRUN cat /got/file` });
    await refused([context.path], /unset ssh forward key default \(give it with: --ssh default\)/);
    const { stderr } = await built(['--ssh', `default=${sshd.folder}/agent.sock`, context.path]);
    assert.match(stderr, /^kept$/m);
  } finally {
    if (pid !== undefined) process.kill(Number(pid));
  }
});

test('named contexts: folders come when they are needed, and images in place of names', async () => {
  using context = contextFolder({
    Dockerfile:
      'FROM base\nCOPY --from=other . /o/\nRUN --mount=from=other,target=/m cat /m/a >/b\nCOPY --from=pic /etc/passwd /p',
  });
  using other = contextFolder({ a: 'one', skipped: 's', '.dockerignore': 'skipped' });
  const named = ['base=docker-image://busybox', 'pic=docker-image://busybox', `other=${other.path}`, 'unused=/'];
  await built([...named.flatMap((one) => ['--build-context', one]), '-t', 'named', context.path]);
  const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'named', 'sh', '-c', 'ls -A /o; cat /b');
  assert.equal(stdout, '.dockerignore\na\none');
  await refused(['--build-context', 'other=/nowhere', context.path], /there is no such folder/);
});

test('FROM of a folder and of an OCI layout', async () => {
  using base = contextFolder({ 'd/f': 'from a folder', skipped: 's', '.dockerignore': 'skipped' });
  using context = contextFolder({ Dockerfile: 'FROM base\nENV a=1\nCOPY --from=base /d/f /g' });
  const files = ['--build-context', `base=${base.path}`, '-o', 'from-folder', context.path];
  assert.match((await built(files)).stderr, /^Step 1\/3 : FROM base\n/);
  assert.deepEqual(readdirSync(path.join(folder, 'from-folder')), ['.dockerignore', 'd', 'g']);

  using made = contextFolder({ Dockerfile: 'FROM busybox\nENV made=here\nRUN echo layout >/l' });
  await built(['-o', 'type=oci,dest=layout,tar=false', '-t', 'made:1', made.path]);
  context.write({ Dockerfile: 'FROM base AS one\nRUN echo $made >>/l\nFROM base' });
  const layout = ['--build-context', `base=oci-layout://${path.join(folder, 'layout')}:made`];
  await built([...layout, '--target', 'one', '-t', 'on-layout', context.path]);
  const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'on-layout', 'cat', '/l');
  assert.equal(stdout, 'layout\nhere\n');
  await built([...layout, '-t', 'as-layout', context.path]);
  const config = (await docker(engine, 'image', 'inspect', '--format', '{{.Config.Env}}', 'as-layout')).stdout;
  assert.match(config, /made=here/);
  await refused(['--build-context', `base=oci-layout://${folder}`, context.path], /is no OCI layout/);
});

test('outputs: a folder, a tar archive, an OCI layout; without an image that nobody asked for', async () => {
  using context = contextFolder({
    Dockerfile: 'FROM scratch\nLABEL only=here\nCOPY d /d/',
    'd/run': '+#!',
    'd/l': '->run',
  });
  const count = async (): Promise<number> => (await engine.call('GET', '/images/json?all=1')).json<object[]>().length;
  const before = await count();
  const { stdout } = await built(['-q', '-o', 'out/here', context.path]);
  assert.equal(stdout, '');
  assert.deepEqual(readdirSync(path.join(folder, 'out/here/d')), ['l', 'run']);
  assert.equal(statSync(path.join(folder, 'out/here/d/run')).mode & 0o777, 0o755);
  assert.match((await built(['-o', '-', context.path])).stdout, /d\/run\0/);
  assert.equal(await count(), before);
  await built(['-o', 'type=oci,dest=image.tar', '-t', 'kept:1', context.path]);
  assert.match(readFileSync(path.join(folder, 'image.tar'), 'latin1'), /oci-layout\0/);
  await built(['-o', 'type=oci,dest=layout,tar=false', context.path]);
  assert.ok(existsSync(path.join(folder, 'layout/index.json')));
  await refused(['-o', 'type=nope,dest=x', context.path], /unknown type "nope"/);
});

test('the id and what came of it, in files; the Dockerfile from anywhere', async () => {
  using context = contextFolder({
    Dockerfile: 'FROM busybox\nENV WRONG=1',
    f: 'f',
    'sub/my': 'FROM busybox\nCOPY . /x',
  });
  const { stdout } = await built(['-q', '-t', 'a:1', '--iidfile', 'id', '--metadata-file', 'meta', context.path]);
  const id = readFileSync(path.join(folder, 'id'), 'utf8');
  assert.equal(stdout, `${id}\n`);
  assert.deepEqual(JSON.parse(readFileSync(path.join(folder, 'meta'), 'utf8')), {
    'containerimage.digest': id,
    'image.name': 'a:1',
  });
  writeFileSync(path.join(folder, 'outside'), 'FROM busybox\nCOPY . /x');
  await built(['-f', 'outside', '-t', 'outside', context.path]);
  await built(['-f', '-', '-t', 'piped', context.path], 'FROM busybox\nCOPY . /x');
  for (const image of ['outside', 'piped']) {
    const { stdout: listed } = await docker(engine, 'run', '--rm', '--network=none', image, 'ls', '-A', '/x');
    assert.equal(listed, 'Dockerfile\nf\nsub\n', 'it is no part of the context');
  }
  await built(['-'], 'FROM busybox\nRUN true');
});

test('a stage is built anew when asked to', async () => {
  const Dockerfile =
    'FROM busybox AS one\nRUN true\nFROM busybox AS two\nRUN true && true\nFROM two\nCOPY --from=one /etc/passwd /p';
  using context = contextFolder({ Dockerfile });
  await built([context.path]);
  assert.equal((await built([context.path])).stderr.match(/Using cache/g)?.length, 3);
  assert.equal((await built(['--no-cache-filter', 'one', context.path])).stderr.match(/Using cache/g)?.length, 2);
});

test('RUN --security=insecure needs to be allowed', async () => {
  const Dockerfile =
    'FROM busybox\nRUN --security=insecure mount -t tmpfs none /mnt || (mkdir /mnt && mount -t tmpfs none /mnt)';
  using context = contextFolder({ Dockerfile });
  await refused([context.path], /not allowed \(build with: slipway build --allow security.insecure\)/);
  await built(['--allow', 'security.insecure', context.path]);
  await refused(['--allow', 'everything', context.path], /unknown entitlement everything/);
});

test('mistakes are said, each in one sentence', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox' });
  await refused(['nowhere'], /the context nowhere does not exist/);
  await refused([], /needs exactly one context/);
  await refused(['--bogus', context.path], /Unknown option '--bogus'.*See 'slipway build --help'/s);
  await refused(['--platform', 'linux/amd64,linux/arm64', context.path], /one build is of one platform/);
  await refused(['--ssh', `x=${context.path}/nope`, context.path], /there is no SSH agent/);
  await refused(['--secret', `id=x,src=${context.path}/nope`, context.path], /there is no file \/.*\/nope/);
  await refused(
    ['--host', `unix://${context.path}/nope`, context.path],
    /cannot reach the engine at unix:\/\/.*\/nope/,
  );
});

test('checks: warnings at the end of a build, and of one that fails; a file that wants them to be errors', async () => {
  const text = 'FROM busybox AS base\nMAINTAINER me\nENV a=$HOSTNAME$PATH\n';
  const warnings =
    / 2 warnings found \(use --check to expand\):\n - MaintainerDeprecated: .* \(line 2\)\n - UndefinedVar: .*'\$HOSTNAME' \(line 3\)\n$/;
  using context = contextFolder({ Dockerfile: text });
  assert.match((await built([context.path])).stderr, warnings);
  assert.doesNotMatch((await built(['--quiet', context.path])).stderr, /warning/);
  context.write({ Dockerfile: `${text}COPY none /\n` });
  await refused([context.path], /2 warnings found[^]*COPY failed: file not found/);
  context.write({ Dockerfile: `# check=skip=UndefinedVar;error=true\n${text}RUN echo never` });
  const { code, stderr } = await slipwayBuild(engine, [context.path]);
  assert.notEqual(code, 0);
  assert.match(stderr, /1 warning found[^]*lint violation found for rules: MaintainerDeprecated/);
  assert.doesNotMatch(stderr, /Running in/);
  const { code: failed, said } = await dockerBuild(engine, context);
  assert.notEqual(failed, 0);
  assert.match(said, /lint violation found for rules: MaintainerDeprecated/);
});

test('the latest builds are listed, and say again what they said', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo remembered' });
  await built(['-t', 'remembered:1', context.path]);
  const list = await slipway(engine, ['builds']);
  const line = list.stdout.split('\n').find((one) => one.includes('remembered:1')) ?? assert.fail(list.stderr);
  assert.match(list.stdout, /^BUILD ID +NAME +STATUS +CREATED AT +DURATION +IMAGE\n/);
  assert.match(line, / completed +\d{4}-\d\d-\d\d .* \d+\.\ds +[0-9a-f]{12}$/);
  const { stdout } = await slipway(engine, ['builds', 'logs', line.split(' ')[0] ?? '']);
  assert.match(stdout, /^Step 1\/2 : FROM busybox\n[^]*remembered\n[^]*Successfully tagged remembered:1\n$/);
  assert.match((await slipway(engine, ['builds', 'logs', 'nothing'])).stderr, /no such build: nothing/);
});

test('--check needs no engine, and its exit code tells', async () => {
  using context = contextFolder({ Dockerfile: 'FROM busybox\nMAINTAINER me\n', 'other/f': 'FROM scratch\n' });
  const nobody = { url: 'unix:///nobody/there.sock' };
  const found = await slipwayBuild(nobody, ['--check', context.path]);
  assert.equal(found.code, 1);
  assert.match(found.stdout, /^Check complete, 1 warning has been found!\n\nWARNING: MaintainerDeprecated - https/);
  const clean = await slipwayBuild(nobody, ['--check', '-f', path.join(context.path, 'other/f'), context.path]);
  assert.deepEqual([clean.code, clean.stdout], [0, 'Check complete, no warnings found.\n']);
  assert.equal((await slipwayBuild(nobody, ['--check', '-'], { input: 'FROM scratch as a' })).code, 1);
});
