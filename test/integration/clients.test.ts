/** Client libraries that people's programs and tests use, unchanged, against the engine: dockerode, Testcontainers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import { GenericContainer, Network, Wait } from 'testcontainers';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let docker: Docker;

before(async () => {
  engine = await startTestEngine();
  docker = new Docker({ socketPath: engine.socket });
  process.env['DOCKER_HOST'] = engine.url;
  // Ryuk, which removes what a crashed test run left, is an image of a registry that these machines cannot reach.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
});

after(() => engine[Symbol.asyncDispose]());

/** The lines of a build or a pull, to its end. */
function followed(stream: NodeJS.ReadableStream): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null, lines: Record<string, unknown>[]) =>
      error === null ? resolve(lines) : reject(error),
    );
  });
}

async function pulled(image: string): Promise<Record<string, unknown>[]> {
  return followed(await docker.pull(image));
}

/** Splits a multiplexed stream; resolves at its end. */
async function split(stream: NodeJS.ReadableStream): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  const texts = Promise.all([text(out), text(err)]);
  await once(stream, 'end');
  out.end();
  err.end();
  const [outText, errText] = await texts;
  return { out: outText, err: errText };
}

async function entries(archive: Readable): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const reader = archive.pipe(extract());
  for await (const entry of reader) found[entry.header.name] = await text(entry);
  return found;
}

describe('dockerode', () => {
  test('pulls with progress, and says what is wrong with a name', async () => {
    const lines = await pulled('busybox:latest');
    assert.match(
      String(lines.at(-1)?.['status']),
      /^Status: (Downloaded newer image|Image is up to date) for busybox:latest/,
    );
    await assert.rejects(pulled('no/such-image:1'), /no\/such-image/);
    await assert.rejects(docker.getContainer('nobody').inspect(), (error: { statusCode: number; message: string }) => {
      assert.equal(error.statusCode, 404);
      assert.match(error.message, /No such container: nobody/);
      return true;
    });
  });

  test('runs a container with stdin, stdout and stderr attached', async () => {
    await pulled('busybox');
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'read line; echo "out $line"; echo "err $line" >&2; cat >/dev/null; exit 7'],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const output = split(stream);
    await container.start();
    stream.write('hello\n');
    stream.end();
    assert.deepEqual(await output, { out: 'out hello\n', err: 'err hello\n' });
    assert.deepEqual(await container.wait(), { StatusCode: 7 });
    assert.equal((await container.inspect()).State.ExitCode, 7);
    const logs = await container.logs({ stdout: true, stderr: false, timestamps: true });
    assert.match(logs.subarray(8).toString(), /^\d{4}-.*Z out hello\n$/);
    await container.remove();
  });

  test('runs a container by its shortcut, with a terminal', async () => {
    const out = new PassThrough();
    const written = text(out);
    const [{ StatusCode: code }, container] = (await docker.run('busybox', ['sh', '-c', 'test -t 1 && echo tty'], out, {
      Tty: true,
    })) as [{ StatusCode: number }, Docker.Container];
    out.end();
    assert.equal(code, 0);
    assert.equal(await written, 'tty\r\n');
    await container.remove();
  });

  test('executes commands, with their streams apart, stdin and an exit code', async () => {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '300'] });
    await container.start();
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'cat; echo problem >&2; exit 3'],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const output = split(stream);
    stream.end('typed');
    assert.deepEqual(await output, { out: 'typed', err: 'problem\n' });
    assert.equal((await exec.inspect()).ExitCode, 3);
    const resized = await container.exec({ Cmd: ['sleep', '60'], Tty: true, AttachStdout: true });
    const terminal = await resized.start({ Tty: true, hijack: true });
    await resized.resize({ h: 30, w: 90 });
    terminal.destroy();
    await container.remove({ force: true });
  });

  test('copies archives in and out', async () => {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '300'] });
    const tar = pack();
    tar.entry({ name: 'folder/one.txt', mode: 0o640 }, 'first');
    tar.finalize();
    await container.putArchive(await buffer(tar), { path: '/tmp' });
    const got = await entries((await container.getArchive({ path: '/tmp/folder/one.txt' })) as Readable);
    assert.deepEqual(got, { 'one.txt': 'first' });
    await assert.rejects(container.getArchive({ path: '/tmp/none' }), { statusCode: 404 });
    await container.remove();
  });

  test('follows logs, statistics and events', async () => {
    const since = Math.floor(Date.now() / 1000) - 1;
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 0.2; done; sleep 300'],
      Labels: { 'clients-test': 'yes' },
    });
    const events = (await docker.getEvents({ since, filters: { label: ['clients-test=yes'] } })) as Readable;
    await container.start();
    const follow = await container.logs({ follow: true, stdout: true, stderr: true });
    let seen = '';
    const out = new PassThrough().on('data', (data: Buffer) => (seen += data.toString()));
    docker.modem.demuxStream(follow, out, out);
    const logsEnd = once(follow, 'end');
    const sample = await container.stats({ stream: false });
    assert.ok(sample.memory_stats.usage > 0 && sample.cpu_stats.cpu_usage.total_usage > 0);
    const live = (await container.stats({ stream: true })) as Readable;
    const [first] = (await once(live, 'data')) as [Buffer];
    assert.equal((JSON.parse(first.toString()) as { id: string }).id, container.id);
    live.destroy();
    await container.stop({ t: 0 });
    await logsEnd;
    assert.equal(seen, 'line 1\nline 2\nline 3\n');
    const actions: string[] = [];
    for await (const line of events.setEncoding('utf8')) {
      actions.push(
        ...String(line)
          .trim()
          .split('\n')
          .map((one) => (JSON.parse(one) as { Action: string }).Action),
      );
      if (actions.includes('stop')) break;
    }
    assert.deepEqual(
      actions.filter((action) => ['create', 'start', 'die', 'stop'].includes(action)),
      ['create', 'start', 'die', 'stop'],
    );
    await container.remove();
  });

  test('builds images, from streams and from folders', async () => {
    const tar = pack();
    tar.entry(
      { name: 'Dockerfile' },
      'FROM busybox\nARG WHO\nCOPY a /a\nRUN echo "for $WHO" >>/a\nCMD ["cat", "/a"]\n',
    );
    tar.entry({ name: 'a' }, 'made ');
    tar.finalize();
    const built = await followed(
      await docker.buildImage(tar as unknown as NodeJS.ReadableStream, {
        t: 'clients-test:1',
        buildargs: { WHO: 'you' },
      }),
    );
    assert.ok(built.some(({ stream }) => /Successfully tagged clients-test:1/.test(String(stream))));
    assert.ok(built.some(({ aux }) => (aux as { ID?: string } | undefined)?.ID?.startsWith('sha256:')));
    const out = new PassThrough();
    const written = text(out);
    await docker.run('clients-test:1', [], out, { Tty: false, HostConfig: { AutoRemove: true } });
    out.end();
    assert.equal((await written).slice(8), 'made for you\n', 'after the frame’s head');
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-clients-'));
    try {
      await writeFile(path.join(folder, 'Dockerfile'), 'FROM busybox\nRUN exit 4\n');
      const lines = await followed(await docker.buildImage({ context: folder, src: ['Dockerfile'] }, { t: 'never' }));
      assert.match(String(lines.at(-1)?.['error']), /returned a non-zero code: 4/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await docker.getImage('clients-test:1').remove();
  });
});

describe('Testcontainers', () => {
  const SERVER = `require('node:http').createServer((request, response) => {
    response.end(require('node:fs').readFileSync('/data/' + request.url.slice(1)));
  }).listen(8080, () => console.log('ready to serve'));`;

  test('starts a service, waits for it, copies files in and out, executes, restarts and stops', async () => {
    await using container = await new GenericContainer('node:20-slim')
      .withCommand(['node', '/app/server.js'])
      .withCopyContentToContainer([
        { content: SERVER, target: '/app/server.js' },
        { content: 'from a file', target: '/data/hello' },
      ])
      .withEnvironment({ GREETING: 'hi' })
      .withExposedPorts(8080)
      .withWaitStrategy(
        Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('ready to serve'), Wait.forHttp('/hello', 8080)]),
      )
      .start();
    const get = async (): Promise<string> =>
      (await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/hello`)).text();
    assert.equal(await get(), 'from a file');
    const { exitCode, stdout, stderr } = await container.exec(['sh', '-c', 'echo $GREETING; echo no >&2; exit 5'], {
      env: { GREETING: 'hello' },
      workingDir: '/data',
    });
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 5, stdout: 'hello\n', stderr: 'no\n' });
    await container.copyContentToContainer([{ content: 'another', target: '/data/hello' }]);
    assert.equal(await get(), 'another');
    const archive = await container.copyArchiveFromContainer('/data');
    assert.equal((await entries(archive as Readable))['data/hello'], 'another');
    await container.restart();
    assert.equal(await get(), 'another');
    const logs = await container.logs();
    const [said] = (await once(logs, 'data')) as [string | Buffer];
    logs.destroy();
    assert.match(said.toString(), /ready to serve/);
  });

  test('containers of a network know one another by their aliases', async () => {
    await using network = await new Network().start();
    await using _server = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', 'echo served >/index.html; httpd -f -p 80'])
      .withNetwork(network)
      .withNetworkAliases('web')
      .withExposedPorts(80)
      .start();
    await using client = await new GenericContainer('busybox')
      .withCommand(['sleep', '300'])
      .withNetwork(network)
      .withHealthCheck({ test: ['CMD-SHELL', 'wget -q -O- http://web/'], interval: 250, timeout: 2000, retries: 20 })
      .withWaitStrategy(Wait.forHealthCheck())
      .start();
    const { output } = await client.exec(['wget', '-q', '-O-', 'http://web/']);
    assert.equal(output, 'served\n');
  });

  test('builds images of folders', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-clients-'));
    try {
      await writeFile(
        path.join(folder, 'Dockerfile'),
        'FROM busybox\nARG N\nRUN echo "built $N" >/said\nCMD ["sh", "-c", "cat /said; sleep 300"]\n',
      );
      const image = await GenericContainer.fromDockerfile(folder).withBuildArgs({ N: '2' }).build('clients-folder:1');
      await using container = await image.withWaitStrategy(Wait.forLogMessage(/built 2/)).start();
      assert.equal((await container.exec('cat /said')).output, 'built 2\n');
      const kit = GenericContainer.fromDockerfile(folder).withBuildkit();
      await using other = await (await kit.build('clients-folder:2')).start();
      assert.equal((await other.exec('cat /said')).output, 'built \n', 'this client has no arguments with BuildKit');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
