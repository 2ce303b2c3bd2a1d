import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { extrasProblems, hasExtras, linkLocalAddresses, sysctlScript } from './endpoint-extras.ts';

const withSysctls = (text: string) => ({ DriverOpts: { 'com.docker.network.endpoint.sysctls': text } });
const linkLocal = (...LinkLocalIPs: string[]) => ({ IPAMConfig: { LinkLocalIPs } });

test('what Docker refuses', () => {
  const fine = 'net.ipv4.conf.IFNAME.forwarding=0,net.ipv6.conf.ifname.accept_ra=1,net.mpls.conf.IFNAME.input=1';
  assert.deepEqual(extrasProblems(withSysctls(fine)), []);
  for (const wrong of ['net.ipv4.conf.eth0.forwarding=0', 'net.core.conf.IFNAME.x=1', 'kernel.sem=1', '']) {
    assert.match(extrasProblems(withSysctls(wrong)).join(), /^unrecognised network interface sysctl '/, wrong);
  }
  assert.deepEqual(extrasProblems(linkLocal('169.254.8.8', 'fe80::8')), []);
  const words = ['x', '0.0.0.0'].map((text) => `invalid link-local IP address: ${text}`);
  assert.deepEqual(extrasProblems(linkLocal('x', '0.0.0.0')), words);
});

test('most endpoints have none', () => {
  assert.deepEqual([{}, { Aliases: ['a'] }, withSysctls('x'), linkLocal('y')].map(hasExtras), [
    false,
    false,
    true,
    true,
  ]);
  assert.deepEqual(linkLocalAddresses(linkLocal('169.254.8.8', 'fe80::8')), [
    '169.254.8.8/16 broadcast +',
    'fe80::8/64',
  ]);
});

/** In a network namespace that ends with the command. */
function run(text: string): { readonly status: number | null; readonly stderr: string; readonly stdout: string } {
  const script = sysctlScript('lo', withSysctls(text));
  const show = 'cat /proc/sys/net/ipv4/conf/lo/forwarding';
  return spawnSync('unshare', ['--net', 'sh', '-c', [...script, show].join('\n')], { encoding: 'utf8' });
}

test('sysctls of an interface are set, and what cannot be is told', () => {
  const before = execFileSync('cat', ['/proc/sys/net/ipv4/conf/lo/forwarding'], { encoding: 'utf8' });
  assert.equal(run('net.ipv4.conf.IFNAME.forwarding=0').stdout, '0\n');
  assert.equal(run('net.ipv4.conf.IFNAME.forwarding=1,net.ipv4.conf.IFNAME.rp_filter=1').stdout, '1\n');
  assert.equal(execFileSync('cat', ['/proc/sys/net/ipv4/conf/lo/forwarding'], { encoding: 'utf8' }), before);
  const words: readonly (readonly [string, string])[] = [
    ['net.ipv4.conf.IFNAME.nothing=1', '/proc/sys/net/ipv4/conf/lo/nothing is not a sysctl file\n'],
    [
      'net.ipv4.conf.IFNAME.forwarding',
      "expected sysctl 'net.ipv4.conf.IFNAME.forwarding' to have format name=value\n",
    ],
    ['net.ipv4.$(id).IFNAME.x=1', "expected sysctl 'net.ipv4.$(id).IFNAME.x=1' to have format net.X.Y.IFNAME.Z\n"],
    [
      'net.ipv4.conf.IFNAME.a/../b=1',
      "expected sysctl 'net.ipv4.conf.IFNAME.a/../b=1' to have format net.X.Y.IFNAME.Z\n",
    ],
  ];
  for (const [text, stderr] of words) assert.deepEqual([run(text).status, run(text).stderr], [1, stderr]);
  const { status, stderr } = run("net.ipv4.conf.IFNAME.forwarding=';id'");
  assert.equal(status, 1);
  assert.match(stderr, /unable to write to '\/proc\/sys\/net\/ipv4\/conf\/lo\/forwarding'/);
});
