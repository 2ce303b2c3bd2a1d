/** RUN: mounts, networks, users, here-documents; failures and what they leave behind. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callSocket } from '../support/call-socket.ts';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(() => engine?.[Symbol.asyncDispose]());

async function build(lines: readonly string[], files: Readonly<Record<string, string>> = {}, ...args: string[]) {
  using folder = contextFolder({ Dockerfile: lines.join('\n'), ...files });
  return await dockerBuild(engine, folder, '--force-rm', ...args);
}
/** What RUN printed, errors in red without the colour. */
async function printed(lines: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { code, said } = await build(lines, files, '--no-cache');
  assert.equal(code, 0, said);
  const own = said.replaceAll(/\u001B\[\d+m/g, '').split('\n');
  const classic =
    /^(Step| --->|Sending|Successfully|\S+: (Pull|Waiting|Download|Verifying|Extract|Already)|Digest:|Status:)/;
  return own.filter((line) => line !== '' && !classic.test(line));
}

/** What a build must not leave: containers, networks, mounts, files. */
async function assertNothingLeft(): Promise<void> {
  const left = (): string[] => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(path.join(engine.dataRoot, 'build')));
    const folders = ['work', 'contexts'].map((name) => path.join(engine.dataRoot, 'build', name));
    const exec = ['oci', 'bundles'].map((name) => path.join(engine.dataRoot, 'exec', name));
    return [...mounts, ...[...folders, ...exec].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))];
  };
  for (let tries = 0; left().length > 0 && tries < 50; tries++) await sleep(100);
  assert.deepEqual(left(), []);
  assert.equal((await docker(engine, 'ps', '--all', '--quiet')).stdout, '');
}

test('bind mounts show the context, stages and images, and keep nothing', async () => {
  const lines = [
    'FROM busybox AS made',
    'RUN mkdir /out && echo artifact >/out/a',
    'FROM busybox',
    'RUN --mount=target=/ctx --mount=from=made,source=/out,target=/out ls /ctx; cat /ctx/d/f /out/a; touch /ctx/x 2>&1 | tail -1',
    'RUN --mount=target=/rw,rw --mount=from=busybox:1.35,target=/img touch /rw/new && ls /rw && ls -d /img/bin',
    'RUN ls -d /ctx /out /rw /img 2>/dev/null || echo gone',
    'RUN --mount=source=d/f,target=one cat /one',
  ];
  const said = await printed(lines, { 'd/f': 'file\n' });
  assert.deepEqual(said, [
    'Dockerfile',
    'd',
    'file',
    'artifact',
    'touch: /ctx/x: Read-only file system',
    'Dockerfile',
    'd',
    'new',
    '/img/bin',
    'gone',
    'file',
  ]);
  const missing = await build(['FROM busybox', 'RUN --mount=source=nothing,target=/x true']);
  assert.match(missing.said, /"\/nothing": not found/);
});

test('cache mounts live on from build to build', async () => {
  const step =
    'RUN --mount=type=cache,target=/c,id=log,uid=5,mode=0750 echo x >>/c/log; cat /c/log; stat -c "%u %a" /c';
  assert.deepEqual(await printed(['FROM busybox', step]), ['x', '5 750']);
  assert.deepEqual(await printed(['FROM busybox', step]), ['x', 'x', '5 750']);
  const seeded = 'RUN --mount=type=cache,target=/s,id=seeded,from=busybox,source=/bin ls /s | head -1';
  assert.deepEqual((await printed(['FROM busybox', seeded])).length, 1);
  const exclusive =
    'RUN --mount=type=cache,target=/c,id=lock,sharing=locked test ! -e /c/in && touch /c/in && sleep 0.3 && rm /c/in';
  const lines = [
    'FROM busybox AS a',
    exclusive,
    'FROM busybox AS b',
    `${exclusive} # b`,
    'FROM busybox',
    'COPY --from=a /etc/passwd /a',
    'COPY --from=b /etc/passwd /b',
  ];
  assert.deepEqual(await printed(lines), []);
});

test('tmpfs mounts are empty and limited', async () => {
  const step =
    'RUN --mount=type=tmpfs,target=/t,size=1m ls -A /t; dd if=/dev/zero of=/t/x bs=1M count=2 2>&1 | grep -o "No space.*"';
  assert.deepEqual(await printed(['FROM busybox', step]), ['No space left on device']);
});

test('secrets that nobody gave: missing, or an error when they are required', async () => {
  assert.deepEqual(
    await printed(['FROM busybox', 'RUN --mount=type=secret,id=s ls /run/secrets 2>/dev/null || echo none']),
    ['none'],
  );
  const { code, said } = await build(['FROM busybox', 'RUN --mount=type=secret,id=s,required true']);
  assert.equal(code, 1);
  assert.match(said, /secret s: not found/);
});

test('networks: none, the host’s, or one with names and addresses of its own', async () => {
  const lines = [
    'FROM busybox',
    'RUN --network=none ip -o link | wc -l',
    'RUN --network=host test "$(hostname)" = "$(cat /proc/sys/kernel/hostname)" && echo host',
    'RUN ip -o -4 addr show eth0 | grep -c inet; grep -c "$(hostname)" /etc/hosts; test -s /etc/resolv.conf && echo resolver',
  ];
  assert.deepEqual(await printed(lines), ['1', 'host', '1', '1', 'resolver']);
});

test('the container of a RUN has a name and files in /etc of its own, writable, and not in the image', async () => {
  const lines = [
    'FROM busybox',
    'RUN echo "1.2.3.4 far" >>/etc/hosts; echo x >/etc/hostname; echo "# y" >>/etc/resolv.conf; grep -c far /etc/hosts',
    'RUN test "$(hostname)" = "$HOSTNAME" -a "$(hostname)" = "$(cat /etc/hostname)" && grep -cE "far|$(hostname)" /etc/hosts',
    'RUN test -f /.dockerenv -a "$(readlink /etc/mtab)" = /proc/mounts && echo marked',
    'FROM busybox',
    'COPY --from=0 / /x',
    'RUN ls -A /x /x/etc | grep -cE "dockerenv|mtab" || true',
  ];
  assert.deepEqual(await printed(lines), ['1', '1', 'marked', '0']);
});

test('the engine’s own files in /etc leave nothing in the image', async () => {
  const { code, said } = await build(
    ['FROM scratch', 'COPY --from=busybox /bin /bin', 'RUN ["/bin/busybox","true"]', 'RUN ["/bin/busybox","ls","/"]'],
    {},
    '-t',
    'clean',
  );
  assert.equal(code, 0, said);
  const { stdout } = await docker(engine, 'history', '--format', '{{.Size}}', 'clean');
  assert.deepEqual(stdout.split('\n').slice(0, 2), ['0B', '0B'], 'the layers of RUN hold no file');
});

test('users: names, numbers, groups, home', async () => {
  const lines = [
    'FROM busybox',
    'RUN echo "me:x:1000:1001::/home/me:/bin/sh" >>/etc/passwd; echo "us:x:50:me" >>/etc/group',
    'USER me',
    'WORKDIR /work',
    'RUN id -u; id -g; id -G; echo $HOME; stat -c %u .',
    'USER 7:8',
    'RUN id -u; id -g',
  ];
  assert.deepEqual(await printed(lines), ['1000', '1001', '1001 50', '/home/me', '1000', '7', '8']);
  assert.match((await build(['FROM busybox', 'USER nosuch', 'RUN true'])).said, /unable to find user nosuch/);
});

test('here-documents are scripts', async () => {
  const lines = [
    'FROM busybox',
    'RUN <<E',
    'echo one',
    'false',
    'echo $0',
    'E',
    'RUN <<E',
    '#!/bin/sh -e',
    'echo script',
    'E',
    'RUN cat <<A - </dev/null; cat <<B',
    'A',
    '$HOME',
    'B',
  ];
  // The Dockerfile's own lines are printed with the step: only what the shell adds counts here.
  const said = await printed(lines);
  for (const line of ['one', '/bin/sh', 'script', '/root']) assert.ok(said.includes(line), line);
});

test('limits reach the containers', async () => {
  const lines = ['FROM busybox', 'RUN ulimit -n; df -k /dev/shm | awk "END{print \\$2}"'];
  using folder = contextFolder({ Dockerfile: lines.join('\n') });
  const { said } = await dockerBuild(engine, folder, '--no-cache', '--ulimit', 'nofile=512:512', '--shm-size', '2m');
  assert.match(said, /^512\n2048$/m);
});

test('a command that fails ends the build with its code, and nothing is left', async () => {
  const { code, said } = await build(['FROM busybox', 'RUN echo before; exit 3', 'RUN echo never'], {}, '-t', 'failed');
  assert.equal(code, 3);
  assert.match(said, /before\n[^]*The command '\/bin\/sh -c echo before; exit 3' returned a non-zero code: 3/);
  assert.doesNotMatch(said, /Step 3/);
  assert.notEqual((await tryDocker(engine, ['image', 'inspect', 'failed'])).code, 0);
  const missing = await build(['FROM busybox', 'RUN ["nosuchbin"]']);
  assert.match(missing.said, /exec: "nosuchbin": executable file not found in \$PATH/);
  await assertNothingLeft();
});

test('other mistakes are said in Docker’s words', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['FROM busybox', 'NOSUCH x'], /dockerfile parse error on line 2: unknown instruction: NOSUCH/],
    [['RUN x'], /no build stage in current context/],
    [[''], /the Dockerfile \(Dockerfile\) cannot be empty/],
    [
      ['FROM busybox', 'COPY nothere /'],
      /COPY failed: file not found in build context or excluded by \.dockerignore: stat nothere: file does not exist/,
    ],
    [['FROM busybox', 'COPY --from=busybox /nothere /'], /COPY failed: stat nothere: file does not exist/],
    [['FROM busybox', 'COPY --chmod=rwx Dockerfile /'], /invalid chmod parameter: 'rwx'/],
    [['FROM busybox', 'RUN --security=insecure true'], /security=insecure is not allowed/],
    [['FROM nosuch/image:1'], /nosuch\/image/],
  ];
  for (const [lines, expected] of table) {
    const { code, said } = await build(lines);
    assert.notEqual(code, 0, said);
    assert.match(said, expected);
  }
  await assertNothingLeft();
});

test('one stage’s failure stops the others', async () => {
  const lines = [
    'FROM busybox AS slow',
    'RUN sleep 30',
    'FROM busybox AS bad',
    'RUN sleep 0.5; exit 9',
    'FROM busybox',
    'COPY --from=slow /a /',
    'COPY --from=bad /a /',
  ];
  const started = performance.now();
  const { code, said } = await build(lines, {}, '--no-cache');
  assert.equal(code, 9, said);
  assert.ok(performance.now() - started < 10_000);
  await assertNothingLeft();
});

test('containers of steps stay where dockerd leaves them, and are as any that has ended', async () => {
  const dockerfile = 'FROM busybox\nENV A=1\nWORKDIR /w\nRUN echo one >one\nRUN echo said; echo two >two; exit CODE';
  const left = async (code: number, query: string): Promise<string[][]> => {
    const tar = handMadeTar([{ name: 'Dockerfile', data: dockerfile.replace('CODE', String(code)) }]);
    const { text } = await callSocket(engine.socket, 'POST', `/build?nocache=1&${query}`, tar);
    const running = [...text.matchAll(/---> Running in (\w+)/g)].map(([, id = '']) => id);
    assert.equal(running.length, 2);
    const removed = [...text.matchAll(/Removed intermediate container (\w+)/g)].map(([, id = '']) => id);
    const { stdout } = await docker(engine, 'ps', '-a', '--format', '{{.ID}} {{.Image}} {{.State}}');
    const listed = stdout.split('\n').filter(Boolean).reverse();
    const kept = running.filter((id) => listed.some((line) => line.startsWith(id)));
    assert.equal(listed.length, kept.length);
    assert.ok(!removed.some((id) => kept.includes(id)), text);
    return kept.map((id) => [id, ...(listed.find((line) => line.startsWith(id)) ?? '').split(' ').slice(1)]);
  };
  const clear = async (containers: readonly string[][]): Promise<void> => {
    for (const [id = ''] of containers) await docker(engine, 'rm', id);
    await assertNothingLeft();
  };
  for (const query of ['rm=1', '', 'rm=1&forcerm=1', 'rm=0&forcerm=1']) assert.deepEqual(await left(0, query), []);
  assert.deepEqual(await left(3, 'rm=0&forcerm=1'), []);
  const both = await left(0, 'rm=0');
  assert.equal(both.length, 2);
  await clear(both);
  const all = await left(3, 'rm=0');
  assert.equal(all.length, 2);
  await clear(all);
  const [failed, ...others] = await left(3, '');
  assert.deepEqual(others, []);
  const [id = ''] = failed ?? [];
  const shown = '{{.State.ExitCode}} {{.State.Status}} {{.Config.Cmd}} {{.Config.WorkingDir}} {{.Path}}';
  const { stdout } = await docker(engine, 'inspect', '--format', shown, id);
  assert.equal(stdout, '3 exited [/bin/sh -c echo said; echo two >two; exit 3] /w /bin/sh\n');
  const busybox = (await docker(engine, 'image', 'inspect', '-f', '{{.Id}}', 'busybox')).stdout.trim();
  assert.equal((await docker(engine, 'inspect', '-f', '{{.Image}}', id)).stdout.trim(), busybox);
  await docker(engine, 'commit', '-c', 'CMD cat one two', id, 'of-a-failed-step');
  assert.equal((await docker(engine, 'run', '--rm', 'of-a-failed-step')).stdout, 'one\ntwo\n');
  assert.equal((await docker(engine, 'logs', id)).stdout, '');
  const again = await tryDocker(engine, ['start', '-a', id]);
  assert.deepEqual([again.code, again.stdout], [3, 'said\n']);
  await docker(engine, 'rmi', 'of-a-failed-step');
  await clear([[id]]);
});

test('a client that goes away ends its build', async () => {
  const tar = handMadeTar([{ name: 'Dockerfile', data: 'FROM busybox\nRUN --mount=type=cache,target=/c sleep 60' }]);
  const call = request({ socketPath: engine.socket, method: 'POST', path: '/build?nocache=1' });
  call.on('error', () => {}); // we end it ourselves
  call.end(tar);
  await new Promise<void>((resolve, reject) => {
    call.on('response', (response) => {
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        if (chunk.includes('Running in')) resolve();
      });
      response.on('end', () => reject(new Error('the build ended by itself')));
    });
  });
  call.destroy();
  await assertNothingLeft();
});

test('an engine that was killed sweeps its builds when it starts again', async () => {
  const tar = handMadeTar([{ name: 'Dockerfile', data: 'FROM busybox\nRUN sleep 60' }]);
  const call = request({ socketPath: engine.socket, method: 'POST', path: '/build?nocache=1' });
  call.on('error', () => {});
  const running = new Promise<void>((resolve) => {
    call.on('response', (response) => {
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        if (chunk.includes('Running in')) resolve();
      });
    });
  });
  call.end(tar);
  await running;
  await engine.stop('SIGKILL');
  await engine.start();
  await assertNothingLeft();
});
