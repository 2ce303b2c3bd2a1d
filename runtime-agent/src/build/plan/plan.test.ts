import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planConfig, planSteps, planText } from './plan.fixture.ts';
import type { CopyWork, RunWork } from './work.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
async function runOf(text: string): Promise<RunWork> {
  const work = (await planSteps(`FROM a\n${text}`)).at(-1)?.work;
  assert.ok(work?.kind === 'run', text);
  return work;
}
async function copyOf(text: string): Promise<CopyWork> {
  const work = (await planSteps(`FROM a\n${text}`)).at(-1)?.work;
  assert.ok(work?.kind === 'copy', text);
  return work;
}

test('RUN: shell and exec form, with the stage’s shell, user, folder and variables', async () => {
  const run = await runOf('SHELL ["sh","-x"]\nUSER u\nWORKDIR /w\nENV e=1\nARG a=2 b e=3\nRUN x $a');
  assert.deepEqual([run.argv, run.user, run.workdir], [['sh', '-x', 'x $a'], 'u', '/w']);
  assert.deepEqual(run.env, [PATH, 'e=3', 'a=2']);
  assert.deepEqual((await runOf('RUN ["x","$a"]')).argv, ['x', '$a']);
  assert.deepEqual(
    [(await runOf('RUN --network=none x')).network, (await runOf('RUN --security=insecure x')).insecure],
    ['none', true],
  );
});

test('RUN: the history says which arguments were declared', async () => {
  const steps = await planSteps('FROM a\nARG x=1\nARG y\nRUN c');
  assert.equal(steps.at(-1)?.createdBy, 'RUN |2 x=1 y= /bin/sh -c c # buildkit');
});

test('RUN with here-documents: alone a script for the shell, with #! a file, otherwise read by the shell', async () => {
  assert.deepEqual((await runOf('RUN <<E\na\nb\nE')).argv, ['/bin/sh', '-c', 'a\nb\n']);
  assert.deepEqual((await runOf('RUN <<-"E"\n\ta\nE')).argv, ['/bin/sh', '-c', 'a\n']);
  const script = await runOf('RUN <<E\n#!/usr/bin/env python3\nprint(1)\nE');
  assert.deepEqual(script.argv, ['/bin/sh', '-c', '/dev/pipes/E']);
  assert.deepEqual(script.script, { name: 'E', content: '#!/usr/bin/env python3\nprint(1)\n' });
  assert.deepEqual((await runOf('RUN cat <<A - <<B\n1\nA\n2\nB')).argv, ['/bin/sh', '-c', 'cat <<A - <<B\n1\nA\n2\nB']);
  assert.deepEqual((await runOf('RUN <<E sh\n#!x\nE')).argv, ['/bin/sh', '-c', '<<E sh\n#!x\nE']);
});

test('RUN mounts: expanded, absolute, with their origins', async () => {
  const run = await runOf('WORKDIR /w\nARG d=sub\nRUN --mount=target=$d --mount=type=tmpfs,target=/t x');
  assert.deepEqual(
    run.mounts.map(({ type, target, files }) => [type, target, files.kind]),
    [
      ['bind', '/w/sub', 'context'],
      ['tmpfs', '/t', 'context'],
    ],
  );
  const { stages } = await planText('FROM b AS s\nFROM a\nRUN --mount=from=s,target=/s --mount=from=img,target=/i x');
  const work = stages.at(-1)?.steps[0]?.work;
  assert.ok(work?.kind === 'run');
  assert.deepEqual(
    work.mounts.map(({ files }) => files),
    [
      { kind: 'stage', index: 0 },
      { kind: 'image', reference: 'img' },
    ],
  );
  await assert.rejects(runOf('ARG t=nosuch\nRUN --mount=type=$t,target=/x true'), {
    message: 'unsupported mount type "nosuch"',
  });
});

test('COPY: destinations relative to the working directory, folders by their slash', async () => {
  const to = async (text: string) => (await copyOf(text)).destination;
  assert.equal(await to('COPY a /x'), '/x');
  assert.equal(await to('COPY a x/'), '/x/');
  assert.equal(await to('WORKDIR /w\nCOPY a .'), '/w/');
  assert.equal(await to('WORKDIR /w\nCOPY a ./'), '/w/');
  assert.equal(await to('WORKDIR /w\nCOPY a x'), '/w/x');
  assert.equal(await to('WORKDIR /w/v\nCOPY a ..'), '/w/');
  assert.equal(await to('COPY a /'), '/');
  assert.equal(await to('COPY a ../../x'), '/x');
  assert.equal(await to('ENV d=/e\nCOPY a $d/b'), '/e/b');
});

test('COPY: all but --exclude is expanded; here-documents unless quoted', async () => {
  const copy = await copyOf(
    'ARG v=1\nCOPY --chown=$v:$v --chmod=$v --exclude=$v <<a <<"b" s$v /d/\n$v "\\$v"\na\n$v\nb\n',
  );
  assert.deepEqual([copy.chown, copy.chmod, copy.exclude, copy.sources], ['1:1', '1', ['$v'], ['s1']]);
  assert.deepEqual(copy.inline, [
    { name: 'a', content: '1 "$v"\n' },
    { name: 'b', content: '$v\n' },
  ]);
});

test('ADD: local files, addresses and Git repositories are told apart', async () => {
  const add = await copyOf('ADD a.tgz https://h/x git@h:r.git /d/');
  assert.deepEqual([add.sources, add.remotes, add.unpack], [['a.tgz'], ['https://h/x', 'git@h:r.git'], undefined]);
  assert.equal((await copyOf('ADD --unpack=false a /')).unpack, false);
  const digest = `sha256:${'1'.repeat(64)}`;
  assert.equal((await copyOf(`ADD --checksum=${digest} https://h/x /`)).checksum, digest);
  await assert.rejects(copyOf('ADD --checksum=sha256:1 https://h/x /'), { message: 'invalid checksum digest length' });
  await assert.rejects(copyOf('ADD --checksum=1 https://h/x /'), { message: 'invalid checksum digest format' });
  await assert.rejects(copyOf('ADD --checksum=sha256:1 a /'), {
    message: 'checksum requires HTTP(S) or Git sources',
  });
  await assert.rejects(copyOf('COPY https://h/x /'), {
    message: "source can't be a URL for COPY (did you mean ADD?)",
  });
});

test('COPY history names flags, sources and destination', async () => {
  const lines = async (text: string) => (await planSteps(`FROM a AS b\nFROM a\n${text}`)).at(-1)?.createdBy;
  assert.equal(
    await lines('COPY --from=b --chown=1:2 --chmod=755 --link f g /x/'),
    'COPY --chown=1:2 --chmod=755 f g /x/ # buildkit',
  );
  assert.equal(await lines('ADD f .'), 'ADD f . # buildkit');
  assert.equal(await lines('COPY <<E /x\nE'), 'COPY <<E /x # buildkit');
});

test('WORKDIR goes on from the one before', async () => {
  assert.equal((await planConfig('FROM a\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c/')).WorkingDir, '/a/c');
  assert.equal(
    (await planConfig('FROM a\nWORKDIR b', { images: { a: { WorkingDir: '/base' } } })).WorkingDir,
    '/base/b',
  );
  const steps = await planSteps('FROM a\nUSER u\nENV d=/x\nWORKDIR $d/y');
  assert.deepEqual(steps.at(-1)?.work, { kind: 'directory', path: '/x/y', user: 'u' });
  assert.deepEqual((await planSteps('FROM a\nWORKDIR /q\nWORKDIR $nothing')).at(-1)?.createdBy, 'WORKDIR /q');
});

test('labels of the request come last, in the target only', async () => {
  const { stages } = await planText('FROM a AS one\nFROM one\nLABEL x=1', { labels: { x: '2', y: 'a b' } });
  assert.deepEqual(stages[0]?.steps, []);
  const last = stages[1]?.steps.at(-1);
  assert.deepEqual([last?.original, last?.config.Labels], ['LABEL x=2 y=a b', { x: '2', y: 'a b' }]);
  assert.equal(last?.createdBy, '', 'the history does not tell of it');
});

test('the backtick escapes where the directive says so', async () => {
  const text = '# escape=`\nFROM a\nENV x=1 y=`$x\nCOPY a c:\\dir\\\n';
  const steps = await planSteps(text);
  assert.ok(steps[0]?.config.Env?.includes('y=$x'));
  assert.equal(steps[1]?.work.kind === 'copy' && steps[1].work.destination, '/c:\\dir\\');
});
