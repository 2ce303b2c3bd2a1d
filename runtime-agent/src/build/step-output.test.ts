import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planText } from './plan/plan.fixture.ts';
import { createStepOutput } from './step-output.ts';

async function outputOf(text: string, globals: string[] = [], images = {}) {
  const said: string[] = [];
  const { stages } = await planText(text, { images });
  const output = createStepOutput(globals, stages, (line) => said.push(line));
  return { output, said: () => said.splice(0).join('') };
}
const ID = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;
const done = { cached: false, id: ID };

test('steps are numbered over all stages, and come in order', async () => {
  const { output, said } = await outputOf('ARG v=1\nFROM a\nENV x=1\nCOPY f /', ['ARG v=1']);
  assert.equal(said(), 'Step 1/4 : ARG v=1\nStep 2/4 : FROM a\n');
  output.done('0/0', done);
  assert.equal(said(), ' ---> aaaaaaaaaaaa\nStep 3/4 : ENV x=1\n');
  output.done('0/1', { cached: true, id: OTHER });
  assert.equal(said(), ' ---> Using cache\n ---> bbbbbbbbbbbb\nStep 4/4 : COPY f /\n');
  output.done('0/2', done);
  assert.equal(said(), ' ---> aaaaaaaaaaaa\n');
});

test('a RUN tells of its container and its output, errors in red', async () => {
  const { output, said } = await outputOf('FROM a\nRUN x');
  output.done('0/0', done);
  said();
  output.started('0/1', 'c0ffee'.repeat(8));
  output.write('0/1', 'stdout', Buffer.from('out\n'));
  output.write('0/1', 'stderr', Buffer.from('err\n'));
  output.done('0/1', done);
  const container = 'c0ffeec0ffee';
  assert.equal(
    said(),
    ` ---> Running in ${container}\nout\n\u001B[91merr\n\u001B[0m ---> Removed intermediate container ${container}\n ---> aaaaaaaaaaaa\n`,
  );
});

test('characters that arrive in two pieces stay whole', async () => {
  const { output, said } = await outputOf('FROM a\nRUN x');
  output.done('0/0', done);
  said();
  const bytes = Buffer.from('grün');
  output.write('0/1', 'stdout', bytes.subarray(0, 3));
  output.write('0/1', 'stderr', Buffer.from('!'));
  output.write('0/1', 'stdout', bytes.subarray(3));
  assert.equal(said(), 'gr\u001B[91m!\u001B[0mün');
});

test('what a later stage says waits for the earlier ones', async () => {
  const { output, said } = await outputOf('FROM a AS one\nRUN x\nFROM b\nRUN y\nCOPY --from=one /x /');
  output.done('1/0', { cached: false, id: OTHER });
  output.write('1/1', 'stdout', Buffer.from('y says\n'));
  assert.equal(said(), 'Step 1/5 : FROM a AS one\n');
  output.done('0/0', done);
  output.done('0/1', done);
  assert.equal(
    said(),
    ' ---> aaaaaaaaaaaa\nStep 2/5 : RUN x\n ---> aaaaaaaaaaaa\nStep 3/5 : FROM b\n ---> bbbbbbbbbbbb\nStep 4/5 : RUN y\ny says\n',
  );
  output.write('1/1', 'stdout', Buffer.from('more\n'));
  assert.equal(said(), 'more\n');
});

test('a failure brings out what was held back, and only that', async () => {
  const { output, said } = await outputOf('FROM a AS one\nRUN x\nFROM b\nRUN y\nRUN z\nCOPY --from=one /x /');
  said();
  output.done('1/0', { cached: false, id: OTHER });
  output.write('1/1', 'stdout', Buffer.from('y failed\n'));
  output.flush();
  assert.equal(said(), 'Step 3/6 : FROM b\n ---> bbbbbbbbbbbb\nStep 4/6 : RUN y\ny failed\n');
});

test('ONBUILD instructions belong to their FROM', async () => {
  const images = { base: { OnBuild: ['RUN one', 'ENV two=2'] } };
  const { output, said } = await outputOf('FROM base\nRUN x', [], images);
  output.done('0/0', done);
  assert.equal(said(), 'Step 1/2 : FROM base\n ---> aaaaaaaaaaaa\n# Executing 2 build triggers\n');
  output.started('0/1', 'd'.repeat(64));
  output.done('0/1', done);
  output.done('0/2', { cached: true, id: OTHER });
  assert.match(
    said(),
    /Running in dddddddddddd\n.*Removed.*\n.*aaa\n ---> Using cache\n ---> bbbbbbbbbbbb\nStep 2\/2 : RUN x\n/,
  );
});

test('scratch has no id', async () => {
  const { output, said } = await outputOf('FROM scratch\nCOPY a /');
  output.done('0/0', { cached: false, id: '' });
  assert.equal(said(), 'Step 1/2 : FROM scratch\nStep 2/2 : COPY a /\n');
});
