/** docker's command line as Debian 12 has it: BuildKit's sessions, with POST /build for what is gRPC today. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { contextFolder } from '../support/build-context.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const { stdout: version } = await tryDocker({ url: 'unix:///nowhere' }, ['version', '--format', '{{.Client.Version}}']);
const isOld = Number.parseInt(version, 10) < 23;
const NEW = `docker's command line here (${version.trim()}) builds with its plugin: buildkit-buildx.test.ts has that`;

suite('docker build with sessions', { skip: isOld ? false : NEW }, () => {
  let engine: TestEngine;
  let folder = '';
  before(async () => {
    engine = await startTestEngine();
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-session-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await engine?.[Symbol.asyncDispose]();
  });

  const build = async (args: readonly string[], input = '') => {
    // Nothing is said of BuildKit: the engine is asked which builder it has.
    const env = { DOCKER_BUILDKIT: undefined };
    const { code, stdout, stderr } = await tryDocker(engine, ['build', ...args], { input, env, cwd: folder });
    return { code, said: stdout + stderr };
  };

  test('an image, with a secret, arguments, labels; again from the cache', async () => {
    using context = contextFolder({
      Dockerfile:
        'FROM busybox\nARG W\nRUN --mount=type=secret,id=s echo "$W $(cat /run/secrets/s)" >/said\nCOPY a /a\n',
      a: 'A',
    });
    writeFileSync(path.join(folder, 'secret'), 'hidden');
    const args = ['--progress=plain', '--secret', 'id=s,src=secret', '--build-arg', 'W=me', '--label', 'x=y'];
    const first = await build([...args, '-t', 'old', '--iidfile', 'iid', context.path]);
    assert.equal(first.code, 0, first.said);
    assert.match(first.said, /\[stage-0 3\/3\] COPY a \/a/);
    const id = readFileSync(path.join(folder, 'iid'), 'utf8');
    const { stdout } = await docker(engine, 'image', 'inspect', '--format', '{{.Id}} {{.Config.Labels}}', 'old');
    assert.equal(stdout.trim(), `${id} map[x:y]`);
    assert.equal((await docker(engine, 'run', '--rm', '--network=none', 'old', 'cat', '/said')).stdout, 'me hidden\n');
    assert.match((await build([...args, '-t', 'old', context.path])).said, /CACHED/);
  });

  test('a failure is told with its command, and nothing is left', async () => {
    using context = contextFolder({ Dockerfile: 'FROM busybox\nRUN echo so far; exit 3\n' });
    const { code, said } = await build(['--progress=plain', context.path]);
    assert.equal(code, 1);
    assert.match(
      said,
      /so far[^]*process "\/bin\/sh -c echo so far; exit 3" did not complete successfully: exit code: 3\n$/,
    );
  });

  test('a context or a Dockerfile on standard input; files into a folder', async () => {
    using context = contextFolder({ Dockerfile: 'FROM scratch\nCOPY a /out/\n', a: 'A' });
    const alone = await build(['-t', 'alone', '-'], 'FROM busybox\nRUN touch /alone\n');
    assert.equal(alone.code, 0, alone.said);
    const given = await build(['-t', 'given', '-f', '-', context.path], 'FROM busybox\nCOPY a /given\n');
    assert.equal(given.code, 0, given.said);
    const files = await build(['--output', 'files', context.path]);
    assert.equal(files.code, 0, files.said);
    assert.ok(existsSync(path.join(folder, 'files/out/a')));
  });
});
