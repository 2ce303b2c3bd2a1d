import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostConfig } from '#model/engine-api/types.ts';
import { checkSysctls } from './sysctls.ts';

test('only what the kernel keeps apart can be set, in the words of runc', () => {
  const net = { 'net.ipv4.ip_forward': '1' };
  const refused: readonly (readonly [HostConfig, RegExp])[] = [
    [{ Sysctls: { 'kernel.panic': '1' } }, /: runc create failed: sysctl "kernel.panic" is not in a separate kernel/],
    [{ Sysctls: { '': '1' } }, /sysctl "" is not in a separate kernel namespace$/],
    [{ NetworkMode: 'host', Sysctls: net }, /sysctl "net.ipv4.ip_forward" not allowed in host network namespace$/],
    [{ UTSMode: 'host', Sysctls: { 'kernel.domainname': 'x' } }, /"kernel.domainname" is not in/],
  ];
  for (const [host, message] of refused) assert.throws(() => checkSysctls(host), { code: 'internal', message });
  checkSysctls({});
  const fine = { ...net, 'net/ipv4/ip_forward': '1', 'kernel.msgmax': '1', 'fs.mqueue.msg_max': '1' };
  checkSysctls({ Sysctls: { ...fine, 'kernel.domainname': 'x' } });
});
