import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { containerProcesses, socketsOf } from './container-processes.ts';

interface Fake {
  readonly pid: number;
  readonly inside: number;
  readonly parent: number;
  readonly namespace: string;
  readonly cmdline: string;
  readonly exe: string;
  readonly state?: string;
  readonly cgroup?: string;
}

const NODE = '/usr/local/bin/node';
const FAKES: readonly Fake[] = [
  { pid: 1, inside: 1, parent: 0, namespace: 'host', cmdline: '/sbin/init', exe: '/sbin/init', cgroup: '0::/' },
  { pid: 500, inside: 1, parent: 400, namespace: 'c1', cmdline: 'npm run dev\0\0\0\0', exe: NODE },
  { pid: 510, inside: 18, parent: 500, namespace: 'c1', cmdline: 'sh\0-c\0node server.js\0', exe: '/bin/dash' },
  { pid: 520, inside: 19, parent: 510, namespace: 'c1', cmdline: 'node\0server.js\0', exe: NODE },
  { pid: 530, inside: 40, parent: 500, namespace: 'c1', cmdline: 'node\0x.js\0', exe: NODE, state: 'Z (zombie)' },
  {
    pid: 540,
    inside: 50,
    parent: 400,
    namespace: 'c1',
    cmdline: 'n\0/opt/slipway/ide/x.js\0',
    exe: '/opt/slipway/node',
  },
  { pid: 600, inside: 1, parent: 400, namespace: 'c2', cmdline: 'python\0app.py\0', exe: '/usr/bin/python3.11' },
  { pid: 700, inside: 700, parent: 400, namespace: 'host', cmdline: 'java\0', exe: '/usr/bin/java', cgroup: '0::/c3' },
  { pid: 701, inside: 701, parent: 700, namespace: 'host', cmdline: 'node\0a\0', exe: NODE, cgroup: '0::/c3' },
];

let proc: string;
before(() => {
  proc = mkdtempSync(path.join(tmpdir(), 'slipway-proc-'));
  for (const fake of FAKES) {
    const at = path.join(proc, String(fake.pid));
    mkdirSync(path.join(at, 'ns'), { recursive: true });
    mkdirSync(path.join(at, 'fd'));
    symlinkSync(`pid:[${fake.namespace}]`, path.join(at, 'ns/pid'));
    const nspid = fake.pid === fake.inside ? `${fake.pid}` : `${fake.pid}\t${fake.inside}`;
    const lines = [`Name:\tx`, `State:\t${fake.state ?? 'S (sleeping)'}`, `PPid:\t${fake.parent}`, `NSpid:\t${nspid}`];
    writeFileSync(path.join(at, 'status'), `${lines.join('\n')}\n`);
    writeFileSync(path.join(at, 'cmdline'), fake.cmdline);
    writeFileSync(path.join(at, 'cgroup'), fake.cgroup ?? `0::/${fake.namespace}`);
    writeFileSync(path.join(at, 'maps'), '');
    symlinkSync('/app', path.join(at, 'cwd'));
    symlinkSync(fake.exe, path.join(at, 'exe'));
    symlinkSync('socket:[77]', path.join(at, 'fd/3'));
    symlinkSync('/dev/null', path.join(at, 'fd/0'));
  }
  symlinkSync('1', path.join(proc, 'self'));
});
after(() => rmSync(proc, { recursive: true }));

test('the processes of the pid namespace, with pids and parents as the container sees them', async () => {
  const all = await containerProcesses(500, proc);
  assert.deepEqual(
    all.map(({ pid, parent, hostPid, runtime, launcher, tooling }) => [
      pid,
      parent,
      hostPid,
      runtime,
      launcher,
      tooling,
    ]),
    [
      [1, 0, 500, 'node', true, undefined],
      [18, 1, 510, undefined, undefined, undefined],
      [19, 18, 520, 'node', undefined, undefined],
      [50, 0, 540, 'node', undefined, true],
    ],
  );
  assert.deepEqual(all[0]?.argv, ['npm run dev']);
  assert.deepEqual(all[2]?.argv, ['node', 'server.js']);
  assert.equal(all[2]?.cwd, '/app');
});

test("with the host's pid namespace: the processes of the cgroup", async () => {
  const all = await containerProcesses(700, proc);
  assert.deepEqual(
    all.map(({ pid, runtime }) => [pid, runtime]),
    [
      [700, 'java'],
      [701, 'node'],
    ],
  );
});

test('a container that has ended has none', async () => {
  assert.deepEqual(await containerProcesses(999, proc), []);
});

test('the sockets a process holds', async () => {
  assert.deepEqual(await socketsOf(500, proc), new Set(['77']));
  assert.deepEqual(await socketsOf(999, proc), new Set());
});

test('this process finds itself in the real /proc', async () => {
  const self = (await containerProcesses(process.pid)).find(({ hostPid }) => hostPid === process.pid);
  assert.equal(self?.runtime, 'node');
  assert.equal(self?.cwd, process.cwd());
});
