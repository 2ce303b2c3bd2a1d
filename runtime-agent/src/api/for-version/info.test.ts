import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SystemInfo } from '#model/engine-api/types.ts';
import { olderThan } from '../version.ts';
import { infoForVersion } from './info.ts';

const INFO = {
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
  RegistryConfig: { Mirrors: [] },
  RuncCommit: { ID: '1' },
  InitCommit: { ID: '' },
  KernelMemoryTCP: true,
} as unknown as SystemInfo;
const at = (version: string): Record<string, unknown> =>
  infoForVersion(INFO, olderThan(version)) as Record<string, unknown>;

test('what older versions had besides', () => {
  const extra = (version: string): string[] => Object.keys(at(version)).filter((name) => !(name in at('1.51')));
  assert.deepEqual(extra('1.50'), []);
  assert.deepEqual(extra('1.49'), ['BridgeNfIptables', 'BridgeNfIp6tables']);
  assert.deepEqual(extra('1.41'), ['KernelMemory', 'BridgeNfIptables', 'BridgeNfIp6tables']);
  assert.deepEqual([at('1.51')['FirewallBackend'], at('1.48')['FirewallBackend']], [{ Driver: 'nftables' }, undefined]);
  assert.deepEqual([at('1.49')['RuncCommit'], at('1.48')['RuncCommit']], [{ ID: '1' }, { ID: '1', Expected: '1' }]);
});

test('lists of nothing are null, as in Go', () => {
  const { RegistryConfig, Warnings, GenericResources, Plugins } = at('1.51');
  assert.deepEqual([Warnings, GenericResources, Plugins], [null, null, { Authorization: null }]);
  assert.deepEqual(RegistryConfig, { Mirrors: null });
  const nothing = { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null };
  assert.deepEqual(at('1.46')['RegistryConfig'], { ...nothing, Mirrors: null });
});

test('security options were names', () => {
  assert.deepEqual(at('1.24')['SecurityOptions'], ['seccomp', 'cgroupns']);
  assert.deepEqual(at('1.25')['SecurityOptions'], INFO.SecurityOptions);
});
