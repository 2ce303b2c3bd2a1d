import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { readFifo, writeFifo } from './fifo-streams.ts';
import { createStandingShell } from './standing-shell.ts';

const MODULE = path.join(import.meta.dirname, 'standing-shell.ts');

async function parentOf(shell: ReturnType<typeof createStandingShell>): Promise<number> {
  return Number((await shell.run({ argv: ['sh', '-c', 'echo $PPID'] })).output);
}

test('gives the exit code and what was said, and uses one shell', async () => {
  const shell = createStandingShell();
  assert.deepEqual(await shell.run({ argv: ['true'] }), { code: 0, output: '' });
  assert.deepEqual(await shell.run({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] }), {
    code: 7,
    output: 'out\nerr',
  });
  assert.equal(await parentOf(shell), await parentOf(shell));
});

test('what runs at the same time is answered in the order of the calls', async () => {
  const shell = createStandingShell();
  const words = ['0.05', '0', '0.01'].map((delay, i) => shell.run({ argv: ['sh', '-c', `sleep ${delay}; echo ${i}`] }));
  assert.deepEqual(
    (await Promise.all(words)).map(({ output }) => output),
    ['0', '1', '2'],
  );
});

test('arguments arrive as they are, whatever a shell would make of them', async () => {
  const shell = createStandingShell();
  for (const word of ["it's", '$(id) `id` $HOME', 'a\nb', '"\\"', '*', '', '; exit 3 #', 'grün ☃', "''\\'"]) {
    const { output } = await shell.run({ argv: ['printf', '<%s>', word] });
    assert.equal(output, `<${word}>`);
  }
  await assert.rejects(shell.run({ argv: ['printf', 'a\0b'] }), /printf: a NUL in an argument/);
});

test('folder and variables are those of the one program', async () => {
  const shell = createStandingShell();
  const argv = ['sh', '-c', 'echo "$PWD $OWN"'];
  assert.equal((await shell.run({ argv, cwd: '/usr', env: { OWN: "o'n" } })).output, "/usr o'n");
  assert.equal((await shell.run({ argv })).output, '/ ');
  const names = (await shell.run({ argv: ['env'] })).output.split('\n').map((line) => line.split('=')[0] ?? '');
  assert.deepEqual(names.filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name)).sort(), ['LC_ALL', 'PATH']);
  assert.notEqual((await shell.run({ argv, cwd: '/nowhere' })).code, 0);
});

test('stdout may go to a file, byte for byte', async () => {
  const shell = createStandingShell();
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-shell-'));
  const stdoutFile = path.join(folder, "it's");
  const argv = ['sh', '-c', String.raw`printf 'a\0\377\n\n'; echo told >&2; exit 3`];
  try {
    assert.deepEqual(await shell.run({ argv, stdoutFile }), { code: 3, output: 'told' });
    assert.deepEqual(readFileSync(stdoutFile), Buffer.from([97, 0, 255, 10, 10]));
    const { code, output } = await shell.run({ argv, stdoutFile: `${folder}/no/file` });
    assert.notEqual(code, 0);
    assert.notEqual(output, 'told', 'it did not run');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a program reads nothing of what is meant for the shell; one that is missing is told of', async () => {
  const shell = createStandingShell();
  assert.deepEqual(await Promise.all([shell.run({ argv: ['cat'] }), shell.run({ argv: ['echo', 'next'] })]), [
    { code: 0, output: '' },
    { code: 0, output: 'next' },
  ]);
  const { code, output } = await shell.run({ argv: ['no-such-program'] });
  assert.equal(code, 127);
  assert.match(output, /not found/);
});

test('a shell that is killed fails what it ran, and is replaced', async () => {
  const shell = createStandingShell();
  const pid = await parentOf(shell);
  const running = shell.run({ argv: ['sleep', '0.2'] });
  process.kill(pid, 'SIGKILL');
  await assert.rejects(running, /was ended/);
  assert.notEqual(await parentOf(shell), pid);
});

/** A dead process that nobody has waited for counts as gone: what reaps orphans is not ours. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('it does not keep its process alive, and ends with it, even when that is killed', async () => {
  const code = `import { createStandingShell } from ${JSON.stringify(MODULE)};
    const { output } = await createStandingShell().run({ argv: ['sh', '-c', 'echo $PPID'] });
    process.stdout.write(output);`;
  const ended = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { timeout: 20_000 });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `${code}; setInterval(() => {}, 1000);`]);
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  for (const pid of [ended, text].map(Number)) {
    assert.ok(pid > 1);
    for (let i = 0; isAlive(pid) && i < 500; i++) await sleep(10);
    assert.ok(!isAlive(pid), `the shell ${pid} is left`);
  }
});

/** FIFOs in a folder of their own, and a way to read what comes through one. */
function withFifos<T>(names: readonly string[], work: (at: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-shell-it's-"));
  const at = (name: string): string => path.join(folder, name);
  execFileSync('mkfifo', names.map(at));
  return work(at).finally(() => rmSync(folder, { recursive: true }));
}

test('a launched program has its streams and outlives its shell', async () => {
  await withFifos(['in', 'out', 'report'], async (at) => {
    const shell = createStandingShell();
    const [out, report] = [readFifo(at('out')), readFifo(at('report'))];
    const input = writeFifo(at('in'));
    const script = String.raw`echo "$OWN $PWD" >&3; cat /dev/stdin >/dev/stdout; echo told >&2; ls /proc/$$/fd >&3; exec 3>&-; sleep 0.1; echo late`;
    const argv = ['sh', '-c', script];
    const streams = { stdin: at('in'), stdout: at('out'), stderr: at('err'), report: at('report') };
    const pid = await shell.launch({ argv, cwd: '/usr', env: { OWN: "o'n" } }, streams);
    input.connected();
    assert.ok(pid > 1);
    process.kill(await parentOf(shell), 'SIGKILL');
    input.stream.end('data');
    const [told, ...open] = (await text(report)).split('\n');
    assert.equal(told, "o'n /usr");
    assert.deepEqual(
      open.filter((fd) => ['7', '8', '9'].includes(fd)),
      [],
      'what the shell had open is not open in it',
    );
    assert.equal(await text(out), 'datalate\n');
    assert.equal(readFileSync(at('err'), 'utf8'), 'told\n');
  });
});

test('a launched program without stdin reads nothing; one that is not there says so where it complains', async () => {
  await withFifos(['out', 'report'], async (at) => {
    const shell = createStandingShell();
    const out = readFifo(at('out'));
    await shell.launch({ argv: ['sh', '-c', 'wc -c; readlink /proc/self/fd/0'] }, { stdout: at('out') });
    assert.equal(await text(out), '0\n/dev/null\n');
    const report = readFifo(at('report'));
    await shell.launch({ argv: ['no-such-program'] }, { report: at('report'), stderr: at('err') });
    assert.equal(await text(report), '', 'it is over');
    assert.match(readFileSync(at('err'), 'utf8'), /no-such-program: not found/);
    await assert.rejects(shell.launch({ argv: ['true'], cwd: '/nowhere' }, {}), /cannot start true: .*nowhere/);
    await assert.rejects(shell.launch({ argv: ['true'] }, { stdout: '/nowhere/out' }), /cannot start true: .*nowhere/);
  });
});

test('a program reads what it is given, to the end', async () => {
  const shell = createStandingShell();
  const input = `it's $HOME \\n %s\n${'x'.repeat(300_000)}`;
  const { code, output } = await shell.run({ argv: ['sh', '-c', 'cat; exit 3'], input });
  assert.equal(code, 3);
  assert.equal(output, input);
  assert.equal((await shell.run({ argv: ['true'], input })).code, 0, 'one that reads nothing of it');
  const waiting = shell.run({ argv: ['cat'] });
  assert.equal(shell.busy(), true);
  assert.equal((await waiting).output, '');
  assert.equal(shell.busy(), false);
});

test('at rest it ends, unless it is at work, and comes again when it is needed', async () => {
  const shell = createStandingShell();
  const first = await parentOf(shell);
  const working = shell.run({ argv: ['sh', '-c', 'sleep 0.05; echo done'] });
  shell.rest();
  assert.equal((await working).output, 'done');
  assert.equal(await parentOf(shell), first);
  shell.rest();
  shell.rest();
  assert.notEqual(await parentOf(shell), first);
  while (existsSync(`/proc/${first}`)) await sleep(5);
});
