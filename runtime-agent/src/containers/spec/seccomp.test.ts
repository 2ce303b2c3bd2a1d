import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SECCOMP_PROFILE } from './seccomp-profile.ts';
import { parseSeccompProfile, resolveSeccomp, type SeccompFacts } from './seccomp.ts';

const facts: SeccompFacts = {
  capabilities: [],
  architecture: 'x64',
  kernel: '6.1.0-17-amd64',
  unusableArchitectures: [],
};

function allowed(more: Partial<SeccompFacts> = {}): Set<string> {
  const { syscalls = [] } = resolveSeccomp(DEFAULT_SECCOMP_PROFILE, { ...facts, ...more });
  const plain = syscalls.filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && !args);
  return new Set(plain.flatMap(({ names }) => names));
}

test('what every program needs is allowed, what breaks out is not', () => {
  const names = allowed();
  for (const name of ['read', 'openat', 'futex', 'epoll_pwait2', 'clock_gettime', 'rseq', 'ptrace', 'arch_prctl']) {
    assert.ok(names.has(name), name);
  }
  for (const name of [
    'mount',
    'unshare',
    'setns',
    'bpf',
    'kexec_load',
    'keyctl',
    'io_uring_setup',
    'init_module',
    'reboot',
    'userfaultfd',
  ]) {
    assert.ok(!names.has(name), name);
  }
  assert.ok(names.size > 300);
});

test('no call is named twice in the unconditional rule', () => {
  const first = DEFAULT_SECCOMP_PROFILE.syscalls?.[0]?.names ?? [];
  assert.deepEqual([...new Set(first)], first);
});

test('capabilities bring their calls', () => {
  const admin = allowed({ capabilities: ['CAP_SYS_ADMIN'] });
  for (const name of ['mount', 'unshare', 'clone', 'clone3', 'setns']) assert.ok(admin.has(name), name);
  assert.ok(allowed({ capabilities: ['CAP_SYS_TIME'] }).has('clock_settime'));
  assert.ok(allowed({ capabilities: ['CAP_SYS_CHROOT'] }).has('chroot'));
});

test('clone is limited and clone3 hidden without CAP_SYS_ADMIN', () => {
  const { syscalls = [], architectures } = resolveSeccomp(DEFAULT_SECCOMP_PROFILE, facts);
  const clone = syscalls.filter(({ names }) => names.includes('clone'));
  assert.deepEqual(
    clone.map(({ args }) => args?.[0]?.op),
    ['SCMP_CMP_MASKED_EQ'],
  );
  assert.equal(syscalls.find(({ names }) => names.includes('clone3'))?.errnoRet, 38);
  assert.deepEqual(architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
});

test('architecture and kernel decide too', () => {
  assert.ok(!allowed({ architecture: 'arm64' }).has('arch_prctl'));
  assert.ok(allowed({ architecture: 'arm64' }).has('cacheflush'));
  assert.ok(!allowed({ kernel: '4.4.0-21' }).has('ptrace'));
  assert.deepEqual(resolveSeccomp(DEFAULT_SECCOMP_PROFILE, { ...facts, architecture: 'arm64' }).architectures, [
    'SCMP_ARCH_AARCH64',
    'SCMP_ARCH_ARM',
  ]);
});

test('an architecture that no program can have is left out, unless the profile names its architectures itself', () => {
  const without = { ...facts, unusableArchitectures: ['SCMP_ARCH_X32', 'SCMP_ARCH_X86_64'] };
  assert.deepEqual(resolveSeccomp(DEFAULT_SECCOMP_PROFILE, without).architectures, [
    'SCMP_ARCH_X86_64',
    'SCMP_ARCH_X86',
  ]);
  const named = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X32'] };
  assert.deepEqual(resolveSeccomp(named, without).architectures, ['SCMP_ARCH_X32']);
});

test('profiles of users, in the old form and the new', () => {
  const profile = parseSeccompProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { name: 'chmod', action: 'SCMP_ACT_ERRNO' },
        { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 5, includes: { caps: ['CAP_X'] } },
      ],
    }),
  );
  assert.deepEqual(resolveSeccomp(profile, facts), {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['chmod'], action: 'SCMP_ACT_ERRNO' }],
  });
  for (const bad of ['{', '{}', '[]', 'null']) {
    assert.throws(() => parseSeccompProfile(bad), { code: 'internal', message: /^Decoding seccomp profile failed: / });
  }
  assert.throws(() => parseSeccompProfile('/nope'), /: invalid character '\/' looking for beginning of value$/);
  assert.throws(() => parseSeccompProfile('{'), /: unexpected end of JSON input$/);
});
