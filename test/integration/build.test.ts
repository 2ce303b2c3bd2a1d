/** Builds through the stock docker command line. What is expected is what dockerd 28 and BuildKit do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(() => engine?.[Symbol.asyncDispose]());

/** Builds, expecting success; gives what was printed. */
async function build(files: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  using folder = contextFolder(files);
  const { code, said } = await dockerBuild(engine, folder, ...args);
  assert.equal(code, 0, said);
  return said;
}
/** Builds, expecting failure. */
async function fails(files: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  using folder = contextFolder(files);
  const { code, said } = await dockerBuild(engine, folder, ...args);
  assert.notEqual(code, 0, said);
  return said;
}
const run = async (...args: string[]): Promise<string> =>
  (await docker(engine, 'run', '--rm', '--network=none', ...args)).stdout;
const inspect = async (image: string, format: string): Promise<string> =>
  (await docker(engine, 'image', 'inspect', '--format', format, image)).stdout.trim();

test('instructions of every kind, in the classic form', async () => {
  const Dockerfile = [
    'ARG TAG=latest',
    'FROM busybox:$TAG',
    'LABEL one=1 two="2 2"',
    'ENV A=alpha B="b $A"',
    'WORKDIR /w/x',
    'COPY f renamed',
    'COPY sub /sub/',
    'ADD f sub /added/',
    'RUN echo "$A" >from-run && pwd >>from-run; echo oops >&2',
    'USER 5:6',
    'EXPOSE 80',
    'VOLUME ["/vol"]',
    'STOPSIGNAL SIGUSR1',
    'SHELL ["/bin/sh", "-ec"]',
    'CMD id -u; cat from-run renamed /sub/s /added/f /added/s',
  ].join('\n');
  const said = await build({ Dockerfile, f: 'data\n', 'sub/s': 's\n' }, '-t', 'kinds:1', '-t', 'kinds:2');
  assert.match(said, /^Step 1\/15 : ARG TAG=latest\nStep 2\/15 : FROM busybox:\$TAG\n/m);
  assert.match(said, / ---> Running in [0-9a-f]{12}\n\u001B\[91moops\n\u001B\[0m ---> Removed intermediate container/);
  assert.match(said, /Successfully built [0-9a-f]{12}\nSuccessfully tagged kinds:1\nSuccessfully tagged kinds:2\n$/);
  assert.equal(await run('kinds:1'), '5\nalpha\n/w/x\ndata\ns\ndata\ns\n');
  assert.equal(
    await inspect('kinds:2', '{{json .Config.Cmd}}'),
    '["/bin/sh","-ec","id -u; cat from-run renamed /sub/s /added/f /added/s"]',
  );
  assert.equal(
    await inspect('kinds:2', '{{.Config.Labels.two}} {{.Config.User}} {{.Config.StopSignal}}'),
    '2 2 5:6 SIGUSR1',
  );
  const { stdout } = await docker(engine, 'history', '--no-trunc', '--format', '{{.CreatedBy}}', 'kinds:1');
  assert.match(stdout, /^WORKDIR \/w\/x$/m);
  assert.match(stdout, /^RUN \/bin\/sh -c echo "\$A" >from-run/m);
  assert.match(stdout, /^COPY sub \/sub\/ # buildkit$/m);
});

test('stages: only the needed ones, files from one another and from images', async () => {
  const Dockerfile = [
    'FROM busybox AS first',
    'RUN echo one >/one',
    'FROM first AS second',
    'RUN echo two >/two',
    'FROM busybox AS unused',
    'RUN exit 9',
    'FROM busybox',
    'COPY --from=first /one /a',
    'COPY --from=1 /two /b',
    'COPY --from=busybox:1.35 /bin/busybox /c',
    'RUN test ! -e /one && test -x /c',
  ].join('\n');
  const said = await build({ Dockerfile }, '-t', 'stages:1');
  assert.doesNotMatch(said, /exit 9/);
  assert.equal(await run('stages:1', 'cat', '/a', '/b'), 'one\ntwo\n');
  await build({ Dockerfile }, '--target', 'second', '-t', 'stages:2');
  assert.equal(await run('stages:2', 'cat', '/one', '/two'), 'one\ntwo\n');
  assert.match(await fails({ Dockerfile }, '--target', 'nope'), /target stage "nope" could not be found/);
});

test('independent stages run at the same time', async () => {
  const stage = (name: string): string => `FROM busybox AS ${name}\nRUN sleep 2 && echo ${name} >/${name}`;
  const names = ['a', 'b', 'c', 'd'];
  const copies = names.map((name) => `COPY --from=${name} /${name} /`);
  const Dockerfile = [...names.map(stage), 'FROM busybox', ...copies].join('\n');
  const started = performance.now();
  await build({ Dockerfile }, '--no-cache', '-t', 'side-by-side');
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds < 7, `eight seconds of sleep took ${seconds.toFixed(1)} s`);
  assert.equal(await run('side-by-side', 'cat', '/a', '/b', '/c', '/d'), 'a\nb\nc\nd\n');
});

test('arguments: defaults, values, proxies; what nobody asked for is said', async () => {
  const Dockerfile = 'FROM busybox\nARG X=default\nARG Y\nENV Z=${Y:-unset}\nRUN echo "$X $Y $http_proxy" >/args';
  await build({ Dockerfile }, '-q', '-t', 'args:1');
  assert.equal(await run('args:1', 'sh', '-c', 'cat /args; echo $Z [$X]'), 'default  \nunset []\n');
  const values = ['--build-arg', 'X=over', '--build-arg', 'Y=why', '--build-arg', 'http_proxy=p'];
  await build({ Dockerfile }, '-q', '-t', 'args:2', ...values);
  assert.equal(await run('args:2', 'sh', '-c', 'cat /args; echo $Z [$http_proxy]'), 'over why p\nwhy []\n');
  assert.match(
    await build({ Dockerfile }, '--build-arg', 'NOPE=1'),
    /\[Warning\] One or more build-args \[NOPE\] were not consumed/,
  );
});

test('COPY: wildcards, owners, modes, links, here-documents, parents, excludes', async () => {
  const Dockerfile = [
    'FROM busybox',
    'COPY --chown=1000:100 w*.txt /own/',
    'COPY --chown=nobody --chmod=u=rwX,go= dir /modes',
    'COPY exec.sh link /bin/',
    'COPY ["w1.txt", "/with space/"]',
    'COPY <<a.txt <<"raw" /docs/',
    'home $HOME \\$HOME',
    'a.txt',
    '$HOME',
    'raw',
    'COPY --parents dir/sub/s ./dir/./f /par/',
    'COPY --exclude=*.txt --exclude=dir . /rest/',
    'COPY --link f /linked/deep/f',
    'COPY no-such-* /nothing/',
  ].join('\n');
  const files = {
    Dockerfile,
    'w1.txt': '1',
    'w2.txt': '2',
    'exec.sh': '+#!/bin/sh\necho executed\n',
    link: '->w1.txt',
    f: 'f',
    'dir/f': 'df',
    'dir/sub/s': 's',
  };
  await build(files, '-q', '-t', 'copies');
  const script = [
    'stat -c "%u:%g %a %n" /own/* /modes /modes/f /modes/sub',
    'exec.sh; cat /bin/link; echo; ls "/with space"',
    'cat /docs/a.txt /docs/raw',
    'cd /par; find . -type f | sort; cd /rest; ls; cat /linked/deep/f',
  ].join('; ');
  assert.deepEqual((await run('copies', 'sh', '-c', script)).split('\n'), [
    '1000:100 644 /own/w1.txt',
    '1000:100 644 /own/w2.txt',
    '65534:65534 755 /modes',
    '65534:65534 600 /modes/f',
    '65534:65534 700 /modes/sub',
    'executed',
    '1',
    'w1.txt',
    'home  $HOME',
    '$HOME',
    './dir/sub/s',
    './f',
    'Dockerfile',
    'exec.sh',
    'f',
    'link',
    'f',
  ]);
});

test('COPY never leaves the image, whatever symlinks it holds', async () => {
  const Dockerfile = [
    'FROM busybox',
    'RUN ln -s /etc /abs && ln -s ../../../../../../tmp /rel && mkdir /d && ln -s /etc/passwd /d/f',
    'COPY f /abs/slipway-escape-test',
    'COPY f /rel/slipway-escape-test',
    'COPY d /d',
  ].join('\n');
  await build({ Dockerfile, f: 'mine', 'd/f': 'replaced' }, '-q', '-t', 'escape');
  assert.equal(
    await run('escape', 'cat', '/etc/slipway-escape-test', '/tmp/slipway-escape-test', '/d/f'),
    'mineminereplaced',
  );
  const { code } = await tryDocker(engine, [
    'run',
    '--rm',
    '-v',
    '/etc:/host:ro',
    'escape',
    'test',
    '-e',
    '/host/slipway-escape-test',
  ]);
  assert.equal(code, 1);
});

test('.dockerignore', async () => {
  const files = {
    Dockerfile: 'FROM busybox\nCOPY . /ctx',
    keep: '',
    'drop.log': '',
    'a/x.tmp': '',
    'a/b/y.tmp': '',
    'a/b/keep.tmp': '',
    '.dockerignore': '*.log\n**/*.tmp\n!a/b/keep.tmp\n# note\nDockerfile\n',
  };
  await build(files, '-q', '-t', 'ignoring');
  const found = await run('ignoring', 'sh', '-c', 'cd /ctx && find . -type f | sort');
  assert.equal(found, './.dockerignore\n./a/b/keep.tmp\n./keep\n');
});

test('ONBUILD fires in the child only', async () => {
  await build(
    { Dockerfile: 'FROM busybox\nONBUILD RUN echo fired >/trig\nONBUILD ENV T=1' },
    '-q',
    '-t',
    'onbuild:base',
  );
  assert.equal(await inspect('onbuild:base', '{{json .Config.OnBuild}}'), '["RUN echo fired >/trig","ENV T=1"]');
  const said = await build({ Dockerfile: 'FROM onbuild:base' }, '-t', 'onbuild:child');
  assert.match(said, /# Executing 2 build triggers\n/);
  assert.equal(await run('onbuild:child', 'sh', '-c', 'cat /trig; echo $T'), 'fired\n1\n');
  assert.equal(await inspect('onbuild:child', '{{len .Config.OnBuild}}'), '0');
});

test('FROM alone is the image itself; FROM scratch needs none', async () => {
  await build({ Dockerfile: 'FROM busybox' }, '-q', '-t', 'same:1');
  assert.equal(await inspect('same:1', '{{.Id}}'), await inspect('busybox', '{{.Id}}'));
  await build({ Dockerfile: 'FROM scratch\nCOPY f /\nLABEL a=b', f: 'x' }, '-q', '-t', 'bare');
  assert.equal(
    await inspect('bare', '{{len .RootFS.Layers}} {{.Architecture}}'),
    `1 ${process.arch === 'x64' ? 'amd64' : process.arch}`,
  );
});

test('options: id file, labels, quiet, hosts, network', async () => {
  const files = { Dockerfile: 'FROM busybox\nRUN ip link | grep -q eth0 || echo none >/n; cat /etc/hosts >/h' };
  using folder = contextFolder(files);
  const iid = `${folder.path}/iid`;
  const args = [
    '-t',
    'opts',
    '--iidfile',
    iid,
    '--label',
    'built=yes',
    '--network',
    'none',
    '--add-host',
    'zz:1.2.3.4',
  ];
  const { code, said } = await dockerBuild(engine, folder, ...args);
  assert.equal(code, 0, said);
  assert.equal(await inspect('opts', '{{.Config.Labels.built}}'), 'yes');
  assert.match(await run('opts', 'cat', '/n', '/h'), /^none\n[^]*1\.2\.3\.4\tzz/);
  const { stdout } = await dockerBuild(engine, folder, '-q');
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
});

test('contexts: from stdin, a Dockerfile elsewhere, compressed', async () => {
  const stdin = await tryDocker(engine, ['build', '-q', '-t', 'stdin', '-'], {
    input: 'FROM busybox\nRUN echo stdin >/s',
  });
  assert.equal(stdin.code, 0, stdin.stderr);
  assert.equal(await run('stdin', 'cat', '/s'), 'stdin\n');
  using other = contextFolder({ Outside: 'FROM busybox\nCOPY t /t' });
  await build({ t: 'there' }, '-q', '-t', 'elsewhere', '-f', `${other.path}/Outside`);
  assert.equal(await run('elsewhere', 'cat', '/t'), 'there');
  await build({ Dockerfile: 'FROM busybox\nCOPY t /t', t: 'packed' }, '-q', '--compress', '-t', 'packed');
  assert.equal(await run('packed', 'cat', '/t'), 'packed');
});
