import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerProcess, mergeEnvironment, type ProcessFacts, rlimits } from './process.ts';
import { securityOptions } from './security-options.ts';

const facts: ProcessFacts = {
  user: { uid: 1000, gid: 1000, groups: [1000, 29], home: '/home/user' },
  hostname: 'box',
  capabilities: ['CAP_KILL'],
  noNewPrivileges: true,
  apparmor: undefined,
  init: false,
  ceilings: { nofile: 4096 },
};

test('environments: later ones win, a bare name unsets', () => {
  assert.deepEqual(mergeEnvironment(['A=1', 'B=2'], ['A=3', 'B', 'C=']), ['A=3', 'C=']);
});

test('what Docker puts below the container’s own environment', () => {
  const { env } = containerProcess({ Cmd: ['x'], Tty: true, Env: ['TERM=vt100', 'X=1'] }, {}, facts);
  assert.deepEqual(env, [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOSTNAME=box',
    'TERM=vt100',
    'X=1',
    'HOME=/home/user',
  ]);
  const own = containerProcess({ Cmd: ['x'], Env: ['HOME=/here', 'PATH=/bin'] }, {}, facts).env;
  assert.deepEqual(own, ['PATH=/bin', 'HOSTNAME=box', 'HOME=/here']);
});

test('command line, directory, user and terminal', () => {
  const made = containerProcess(
    { Entrypoint: ['/e'], Cmd: ['c'], WorkingDir: '/w', Tty: true },
    { ConsoleSize: [24, 80], OomScoreAdj: 5 },
    { ...facts, init: true },
  );
  assert.deepEqual(made.args, ['/sbin/docker-init', '--', '/e', 'c']);
  assert.equal(made.cwd, '/w');
  assert.deepEqual(made.user, { uid: 1000, gid: 1000, additionalGids: [1000, 29] });
  assert.deepEqual(made.consoleSize, { height: 24, width: 80 });
  assert.equal(made.oomScoreAdj, 5);
  assert.equal(containerProcess({ Cmd: ['x'] }, {}, facts).cwd, '/');
  assert.throws(() => containerProcess({}, {}, facts), { code: 'invalid', message: 'no command specified' });
});

test('limits above what the engine may give are lowered, not refused', () => {
  const host = {
    Ulimits: [
      { Name: 'nofile', Soft: 5000, Hard: 6000 },
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'nproc', Soft: -1, Hard: -1 },
    ],
  };
  assert.deepEqual(rlimits(host, facts.ceilings), [
    { type: 'RLIMIT_NOFILE', soft: 4096, hard: 4096 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
    { type: 'RLIMIT_NPROC', soft: Number.MAX_SAFE_INTEGER, hard: Number.MAX_SAFE_INTEGER },
  ]);
});

test('security options', () => {
  const plain = { noNewPrivileges: false, seccomp: undefined, apparmor: 'docker-default', writableCgroups: false };
  assert.deepEqual(securityOptions({}), plain);
  assert.deepEqual(
    securityOptions({ SecurityOpt: ['no-new-privileges', 'seccomp=unconfined', 'apparmor:mine', 'label=disable'] }),
    { noNewPrivileges: true, seccomp: 'unconfined', apparmor: 'mine', writableCgroups: false },
  );
  assert.equal(securityOptions({ SecurityOpt: ['no-new-privileges:false'] }).noNewPrivileges, false);
  assert.equal(securityOptions({ SecurityOpt: ['seccomp=builtin'] }).seccomp, undefined);
  assert.deepEqual(securityOptions({ SecurityOpt: ['seccomp=', 'apparmor=', 'disable'] }), plain);
  const privileged = { ...plain, seccomp: 'unconfined', apparmor: 'unconfined', writableCgroups: true };
  assert.deepEqual(securityOptions({ Privileged: true }), privileged);
  for (const bad of ['bogus', 'no-new-privileges=maybe', 'no-new-privileges=', 'seccomp', '']) {
    assert.throws(() => securityOptions({ SecurityOpt: [bad] }), {
      code: 'internal',
      message: `invalid --security-opt ${/[=:]/.test(bad) ? 2 : 1}: ${JSON.stringify(bad)}`,
    });
  }
});
