import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { HostShell } from '../host-shell.ts';
import { localShell } from '../local-shell.ts';
import { quote } from '../shell-quote.ts';
import { readAgentFiles } from './agent-files.ts';
import { writeAgentArchive } from './agent-archive.ts';
import { type EngineStart, engineScript, unpackScript } from './engine-script.ts';
import { type Answers, runMarked } from './marked-output.ts';

/** Says that it listens, and lives on; `--deaf` does not end when it is told to, `--mute` never listens. */
const AGENT = `
const args = process.argv.slice(2);
if (args.includes('--broken')) { console.error('first line'); console.error('last "words"'); process.exit(1); }
if (args.includes('--deaf')) process.on('SIGTERM', () => {});
console.log('listening on ' + args[args.indexOf('--socket') + 1]);
setInterval(() => {}, 1000);
`;

let home: string;
const started: number[] = [];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "slipway it's "));
  writeFileSync(path.join(home, 'agent.mjs'), AGENT);
});
afterEach(() => {
  for (const pid of started.splice(0)) kill(pid);
  rmSync(home, { recursive: true, force: true });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function start(more: Partial<EngineStart> = {}, shell: Pick<HostShell, 'run'> = localShell()): Promise<Answers> {
  const script = engineScript({
    home,
    agentFolder: home,
    node: process.execPath,
    build: 'one',
    socket: path.join(home, 'a b.sock'),
    args: ['--socket', path.join(home, 'a b.sock')],
    sudo: false,
    ...more,
  });
  const answers = await runMarked(shell, script);
  const pid = Number(answers.get('pid')?.[0]);
  if (pid > 0) started.push(pid);
  return answers;
}

const state = (answers: Answers): string | undefined => answers.get('state')?.[0];
const pidOf = (answers: Answers): number => Number(answers.get('pid')?.[0]);

test('started once, detached, with its log; found running afterwards', async () => {
  const first = await start();
  assert.equal(state(first), 'started');
  assert.ok(isAlive(pidOf(first)));
  const stat = readFileSync(`/proc/${pidOf(first)}/stat`, 'utf8');
  assert.equal(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]), pidOf(first), 'a session of its own');
  assert.match(readFileSync(path.join(home, 'engine', 'log'), 'utf8'), /^listening on .*a b\.sock/);
  const second = await start();
  assert.deepEqual([state(second), pidOf(second)], ['running', pidOf(first)]);
  assert.equal(existsSync(path.join(home, 'engine', 'lock')), false);
});

test('many at once start one', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => start()));
  assert.equal(all.filter((answers) => state(answers) === 'started').length, 1);
  assert.equal(new Set(all.map(pidOf)).size, 1);
});

test('another build replaces it, and keeps its log', async () => {
  const first = await start();
  const second = await start({ build: 'two' });
  assert.deepEqual([state(second), second.get('replaced')?.[0]], ['started', 'one']);
  assert.ok(!isAlive(pidOf(first)));
  assert.deepEqual(readdirSync(path.join(home, 'engine')).toSorted(), ['log', 'log.1', 'pid', 'record']);
});

test('one that died is started anew, and a foreign process with its number is left alone', async () => {
  const first = await start();
  kill(pidOf(first));
  while (isAlive(pidOf(first))) await new Promise((resolve) => setTimeout(resolve, 10));
  const second = await start();
  assert.equal(state(second), 'started');
  kill(pidOf(second));
  writeFileSync(path.join(home, 'engine', 'record'), `${process.pid}\nold build\n`);
  const third = await start();
  assert.equal(state(third), 'started');
  assert.equal(third.has('replaced'), false);
});

test('one that does not start: its last words, whatever is in them', async () => {
  const answers = await start({ args: ['--broken'] });
  assert.equal(state(answers), 'failed');
  assert.deepEqual(answers.get('log'), ['first line', 'last "words"']);
  assert.equal(existsSync(path.join(home, 'engine', 'record')), false);
});

test('a program that is not there is a failure, too', async () => {
  const answers = await start({ node: '/nowhere/node' });
  assert.equal(state(answers), 'failed');
  assert.match(answers.get('log')?.join(' ') ?? '', /\/nowhere\/node/);
});

/** Becomes root like sudo, and starts nothing before the script has looked whether it lives; it gives up in the end. */
const SLOW_SUDO = `#!/bin/sh
D=$(dirname "$0"); export D
shift
[ "$1" = /bin/sh ] || exec "$D/as-root" --reuid 0 --clear-groups "$@"
exec "$D/as-root" --reuid 0 --clear-groups /bin/sh -c '
: >"$D/rooted"
n=0
while [ ! -e "$D/looked" ]; do n=$((n+1)); [ $n -lt 500 ] || exit 1; /bin/sleep 0.02; done
exec "$@"' sh "$@"
`;
/** The script sleeps after each look: the second time since somebody else's process is there, it has looked at that one. */
const TELLING_SLEEP = `#!/bin/sh
D=$(dirname "$0")
if [ -e "$D/once" ]; then : >"$D/looked"; elif [ -e "$D/rooted" ]; then : >"$D/once"; fi
exec /bin/sleep "$@"
`;

test('one that sudo starts slowly is waited for: who may not signal a process can still see it', async () => {
  const folder = path.join(home, 'bin');
  mkdirSync(folder);
  for (const open of [home, folder]) chmodSync(open, 0o777);
  writeFileSync(path.join(folder, 'sudo'), SLOW_SUDO, { mode: 0o755 });
  writeFileSync(path.join(folder, 'sleep'), TELLING_SLEEP, { mode: 0o755 });
  copyFileSync('/usr/bin/setpriv', path.join(folder, 'as-root'));
  chmodSync(path.join(folder, 'as-root'), 0o4755);
  const nobody = `PATH=${quote(folder)}:$PATH exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c `;
  const shell: Pick<HostShell, 'run'> = { run: (script, options) => localShell().run(nobody + quote(script), options) };
  const answers = await start({ sudo: true }, shell);
  assert.deepEqual([state(answers), answers.get('log')], ['started', undefined]);
  assert.match(readFileSync(`/proc/${pidOf(answers)}/status`, 'utf8'), /^Uid:\s+0\s/m);
});

test('the lock of a script that died is taken over', async () => {
  mkdirSync(path.join(home, 'engine', 'lock'), { recursive: true });
  writeFileSync(path.join(home, 'engine', 'lock', 'pid'), '4194300\n');
  assert.equal(state(await start()), 'started');
});

async function archive(name: string): Promise<{ readonly version: string; readonly file: string }> {
  const folder = path.join(home, `source-${name}`);
  mkdirSync(path.join(folder, 'node_modules', 'x'), { recursive: true });
  writeFileSync(path.join(folder, 'agent.mjs'), `// ${name}`);
  writeFileSync(path.join(folder, 'node_modules', 'x', 'a.node'), Buffer.alloc(100_000, name));
  const agent = await readAgentFiles(folder);
  mkdirSync(path.join(home, 'agent'), { recursive: true });
  const file = path.join(home, 'agent', `${agent.version}.tgz`);
  await writeAgentArchive(agent.folder, agent.files, file);
  return { version: agent.version, file };
}

test('an archive is the same for the same files, and unpacks to them', async () => {
  const first = await archive('a');
  const bytes = readFileSync(first.file);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.ok(bytes.equals(readFileSync((await archive('a')).file)));
  assert.notEqual((await archive('b')).version, first.version);
  const { code, stderr } = await localShell().run(unpackScript(home, first.version, first.file));
  assert.equal(code, 0, stderr);
  const placed = path.join(home, 'agent', first.version);
  assert.equal(readFileSync(path.join(placed, 'agent.mjs'), 'utf8'), '// a');
  assert.deepEqual(readFileSync(path.join(placed, 'node_modules', 'x', 'a.node')), Buffer.alloc(100_000, 'a'));
});

test('unpacking keeps the last versions, and is no matter of who comes first', async () => {
  const all = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) all.push(await archive(name));
  for (const { version, file } of all) {
    const runs = await Promise.all([1, 2].map(() => localShell().run(unpackScript(home, version, file))));
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
    );
  }
  const left = readdirSync(path.join(home, 'agent')).toSorted();
  assert.equal(left.length, 3);
  assert.ok(left.includes(all[4]?.version ?? ''));
});

test('a damaged archive leaves nothing half-made', async () => {
  const { version, file } = await archive('a');
  writeFileSync(file, readFileSync(file).subarray(0, 50));
  const { code } = await localShell().run(unpackScript(home, version, file));
  assert.equal(code, 1);
  assert.ok(!existsSync(path.join(home, 'agent', version)));
  assert.deepEqual(
    readdirSync(path.join(home, 'agent')).filter((name) => name.startsWith('new')),
    [],
  );
});

test('an extension without its agent says so', async () => {
  await assert.rejects(readAgentFiles(path.join(home, 'nowhere')), {
    code: 'not-found',
    message: /install the Slipway extension again/,
  });
});
