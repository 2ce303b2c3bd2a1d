/** The real buildx and Compose against the engine. Where the machine has not got them, buildkit-protocol.test.ts stands for them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { contextFolder } from '../support/build-context.ts';
import { dockerPlugin, type PluginResult, runPlugin } from '../support/buildx.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { builtBySlipway } from '../support/slipway-build.ts';

const program = dockerPlugin('docker-buildx');
const compose = dockerPlugin('docker-compose');
const NONE = 'this machine has no plugin of that name for the docker command line';

suite('buildx', { skip: program === undefined ? NONE : false }, () => {
  let engine: TestEngine;
  let folder = '';
  before(async () => {
    engine = await startTestEngine();
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-buildx-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await engine?.[Symbol.asyncDispose]();
  });

  const buildx = (args: readonly string[], input = ''): Promise<PluginResult> =>
    runPlugin(program ?? '', engine, args, { input, cwd: folder });
  const built = async (args: readonly string[], input = ''): Promise<PluginResult> => {
    const result = await buildx(['build', '--progress=plain', ...args], input);
    assert.equal(result.code, 0, result.stderr);
    return result;
  };

  test('an image with everything that a build can be given', async () => {
    using context = contextFolder({
      Dockerfile: [
        'FROM busybox AS base',
        'ARG WHO',
        'RUN --mount=type=secret,id=s echo "$WHO $(cat /run/secrets/s) $(ulimit -n) $(grep -c 1.2.3.4 /etc/hosts)" >/said',
        'FROM base',
        'COPY --from=other n /n',
        'COPY . /all/',
      ].join('\n'),
      '.dockerignore': 'not*\n',
      a: 'A',
      'not-this': 'x',
    });
    using other = contextFolder({ n: 'N' });
    writeFileSync(path.join(folder, 'secret'), 'hidden');
    const options = ['--build-arg', 'WHO=me', '--secret', 'id=s,src=secret', '--build-context', `other=${other.path}`];
    const limits = ['--ulimit', 'nofile=77:77', '--add-host', 'far:1.2.3.4', '--label', 'x=y'];
    const { stderr } = await built([
      ...options,
      ...limits,
      '--iidfile',
      'iid',
      '--metadata-file',
      'meta',
      '-t',
      'whole',
      context.path,
    ]);
    assert.match(stderr, /\[stage-1 2\/2\] COPY \. \/all\//);
    const { stdout } = await docker(
      engine,
      'run',
      '--rm',
      '--network=none',
      'whole',
      'sh',
      '-c',
      'cat /said /n; ls -A /all',
    );
    assert.equal(stdout, 'me hidden 77 1\nN.dockerignore\nDockerfile\na\n');
    const id = readFileSync(path.join(folder, 'iid'), 'utf8');
    const meta = JSON.parse(readFileSync(path.join(folder, 'meta'), 'utf8')) as Record<string, string>;
    assert.equal(meta['containerimage.config.digest'], id);
    assert.equal(meta['image.name'], 'docker.io/library/whole');
    const again = await built([...options, ...limits, '-t', 'whole', context.path]);
    assert.match(again.stderr, /COPY \. \/all\/\n#\d+ CACHED/);
  });

  test('a failure shows the command, what it said and where it stands', async () => {
    using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo so far; exit 3\n' });
    const { code, stderr } = await buildx(['build', '--progress=plain', context.path]);
    assert.equal(code, 1);
    assert.match(stderr, /#\d+ \d\.\d+ so far\n/);
    assert.match(stderr, /Dockerfile:2\n-+\n {3}1 \| {5}FROM busybox\n {3}2 \| >>> RUN echo so far; exit 3\n/);
    assert.match(
      stderr,
      /failed to solve: process "\/bin\/sh -c echo so far; exit 3" did not complete successfully: exit code: 3\n$/,
    );
  });

  test('a here-document that fails is shown whole; so is the FROM of an image that is nowhere', async () => {
    using script = contextFolder({ Dockerfile: 'FROM busybox\nRUN <<EOF\nset -e\nfalse\nEOF\nUSER 1\n' });
    const failed = await buildx(['build', '--progress=plain', script.path]);
    const lines = [
      '   2 | >>> RUN <<EOF',
      '   3 | >>> set -e',
      '   4 | >>> false',
      '   5 | >>> EOF',
      '   6 |     USER 1',
    ];
    assert.ok(failed.stderr.includes(lines.join('\n')), failed.stderr);
    using nowhere = contextFolder({ Dockerfile: 'FROM busybox\nFROM nowhere.invalid/x as b\nENV a b' });
    const { stderr } = await buildx(['build', '--progress=plain', nowhere.path]);
    assert.match(stderr, /Dockerfile:2\n-+\n {3}1 \| {5}FROM busybox\n {3}2 \| >>> FROM nowhere.invalid\/x as b\n/);
    assert.match(
      stderr,
      /1 warning found .*\n.* - FromAsCasing: 'as' and 'FROM' keywords' casing do not match \(line 2\)\n/,
    );
  });

  test('what a step may use is a part of what it is', async () => {
    using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN ulimit -n; df -k /dev/shm | tail -1\n' });
    const said = async (...args: string[]) => (await built([...args, context.path])).stderr;
    await said();
    assert.match(await said(), /CACHED/);
    assert.match(await said('--ulimit', 'nofile=100:100'), /#\d+ [\d.]+ 100\n/);
    assert.match(await said('--shm-size', '3m'), /#\d+ [\d.]+ shm +3072 /);
  });

  test('outputs: a folder, an archive; Dockerfile and context from standard input', async () => {
    using context = contextFolder({
      Dockerfile: '->other/Dockerfile.web',
      'other/Dockerfile.web': 'FROM scratch\nCOPY a d/ /out/\n',
      a: 'A',
      'd/link': '->../a',
      'd/run': '+R',
    });
    await built(['--output', 'out', context.path]);
    assert.equal(readFileSync(path.join(folder, 'out/out/a'), 'utf8'), 'A');
    assert.equal(readFileSync(path.join(folder, 'out/out/run'), 'utf8'), 'R');
    await built(['--output', 'type=tar,dest=out.tar', context.path]);
    assert.match(readFileSync(path.join(folder, 'out.tar'), 'latin1'), /out\/a/);
    await built(['-f', '-', '-t', 'stdin', context.path], 'FROM busybox\nCOPY a /from-stdin\n');
    await built(['-t', 'alone', '-'], 'FROM busybox\nRUN touch /alone\n');
    const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'stdin', 'cat', '/from-stdin');
    assert.equal(stdout, 'A');
  });

  test('checks, outline, builder, use of the disk', async () => {
    using context = contextFolder({ Dockerfile: 'from scratch\nARG A=1\nCOPY Dockerfile /\n' });
    const { code, stdout } = await buildx(['build', '--check', context.path]);
    assert.equal(code, 1);
    assert.match(stdout, /WARNING: ConsistentInstructionCasing/);
    const outline = await buildx(['build', '--call=outline', context.path]);
    assert.match(outline.stdout, /^A +1/m);
    assert.match((await buildx(['inspect'])).stdout, /Driver: +docker\n[^]*Platforms: +linux\//);
    assert.match((await buildx(['du'])).stdout, /Total:/);
    assert.equal((await buildx(['prune', '--force'])).code, 0);
  });

  test('builds that were: how they ended, what they said, what they came from', async () => {
    using context = contextFolder({ Dockerfile: 'FROM busybox\nARG A\nRUN echo said-$A && test $A = 1\n' });
    await built(['--build-arg', 'A=1', '--metadata-file', 'told', context.path]);
    const told = JSON.parse(readFileSync(path.join(folder, 'told'), 'utf8')) as Record<string, unknown>;
    const { materials, invocation } = told['buildx.build.provenance'] as Record<string, Record<string, unknown>>;
    assert.match(JSON.stringify(materials), /^\[\{"uri":"pkg:docker\/busybox@latest\?platform=linux%2F/);
    assert.deepEqual(invocation?.['parameters'], {
      frontend: 'dockerfile.v0',
      args: { 'build-arg:A': '1' },
      locals: [{ name: 'context' }, { name: 'dockerfile' }],
    });
    const ref = String(told['buildx.build.ref']).split('/').at(-1) ?? '';
    assert.equal((await buildx(['build', '--build-arg', 'A=2', context.path])).code, 1);
    assert.match((await buildx(['history', 'ls'])).stdout, new RegExp(` Error [^]*${ref} .* Completed `));
    assert.match((await buildx(['history', 'logs', ref])).stderr, /RUN echo said-1[^]*said-1/);
    const format = '{{.Status}} {{.Error.Name}} {{.Error.Logs}}';
    const failed = await buildx(['history', 'inspect', '--format', format]);
    assert.equal(failed.stdout, 'failed [2/2] RUN echo said-2 && test 2 = 1 [said-2]\n');
    const attachments = await buildx([
      'history',
      'inspect',
      ref,
      '--format',
      '{{range .Attachments}}{{.Type}} {{end}}',
    ]);
    assert.equal(
      attachments.stdout,
      'application/vnd.docker.container.image.v1+json https://slsa.dev/provenance/v0.2 \n',
    );
    assert.equal((await buildx(['history', 'rm', ref])).code, 0);
    const gone = await buildx(['history', 'rm', ref]);
    assert.equal(gone.stderr, `ERROR: lease "ref_${ref}": not found\n`);
  });

  test('an image and a cache in folders of the client', async () => {
    using context = contextFolder({
      Dockerfile: 'FROM busybox\nRUN echo $RANDOM >/r\n',
      other: 'FROM base\nRUN cat /r',
    });
    const [layout, cache] = ['layout', 'cache'].map((name) => path.join(folder, name));
    const made = ['-o', `type=oci,dest=${layout},tar=false`, '-t', 'made:1', '--cache-to', `type=local,dest=${cache}`];
    await builtBySlipway(engine, [...made, context.path]);
    await built([
      '-f',
      path.join(context.path, 'other'),
      '--build-context',
      `base=oci-layout://${layout}:1`,
      context.path,
    ]);
    await engine.call('POST', '/build/prune?all=1');
    const { stderr } = await built(['--cache-from', `type=local,src=${cache}`, context.path]);
    assert.match(stderr, /RUN echo \$RANDOM >\/r\n#\d+ CACHED/);
  });

  test('bake: one target stands on another', async () => {
    using context = contextFolder({
      'docker-bake.hcl': [
        'target "base" { dockerfile-inline = "FROM busybox\\nRUN echo base >/b" }',
        'target "default" {',
        '  contexts = { b = "target:base" }',
        '  dockerfile-inline = "FROM b\\nRUN cat /b >/c"',
        '  tags = ["baked"]',
        '}',
      ].join('\n'),
    });
    const { code, stderr } = await runPlugin(program ?? '', engine, ['bake', '--progress=plain'], {
      cwd: context.path,
    });
    assert.equal(code, 0, stderr);
    const { stdout } = await docker(engine, 'run', '--rm', '--network=none', 'baked', 'cat', '/c');
    assert.equal(stdout, 'base\n');
  });

  test('Compose builds its services', { skip: compose === undefined ? NONE : false }, async () => {
    using context = contextFolder({
      'compose.yaml':
        'name: bk\nservices:\n  a: {build: {context: s, args: {W: a}}}\n  b: {build: {context: s, args: {W: b}}}\n',
      's/Dockerfile': 'FROM busybox\nARG W\nCOPY f /f\nRUN echo $W >>/f\nCMD ["cat", "/f"]\n',
      's/f': 'f',
    });
    const { code, stderr } = await runPlugin(compose ?? '', engine, ['build'], { cwd: context.path });
    assert.equal(code, 0, stderr);
    for (const name of ['a', 'b']) {
      const { stdout } = await docker(engine, 'run', '--rm', '--network=none', `bk-${name}`);
      assert.equal(stdout, `f${name}\n`);
    }
  });
});
