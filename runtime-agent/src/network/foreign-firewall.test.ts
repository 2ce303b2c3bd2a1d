import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deletions, insertions, readChains, readLegacy } from './foreign-firewall.ts';

const chain = (fields: Record<string, string>) => ({ chain: { family: 'ip', table: 'filter', ...fields } });
const listed = (...objects: object[]): string => JSON.stringify({ nftables: [{ metainfo: {} }, ...objects] });

test('only chains of iptables’ tables that drop by policy, and Docker’s for users, need exceptions', () => {
  const json = listed(
    chain({ name: 'FORWARD', hook: 'forward', policy: 'drop' }),
    chain({ name: 'INPUT', hook: 'input', policy: 'accept' }),
    chain({ name: 'OUTPUT', hook: 'output', policy: 'drop' }),
    chain({ name: 'DOCKER-USER' }),
    chain({ family: 'ip6', name: 'FORWARD', hook: 'forward', policy: 'drop' }),
    chain({ family: 'inet', table: 'slipway', name: 'forward', hook: 'forward', policy: 'drop' }),
  );
  assert.deepEqual(readChains(json), {
    chains: [
      { tool: 'iptables', name: 'FORWARD' },
      { tool: 'iptables', name: 'DOCKER-USER' },
      { tool: 'ip6tables', name: 'FORWARD' },
    ],
    firewalld: false,
  });
  assert.equal(
    readChains(listed(chain({ family: 'inet', table: 'firewalld', name: 'filter_FORWARD' }))).firewalld,
    true,
  );
  assert.deepEqual(readChains(''), { chains: [], firewalld: false });
});

test('the old interface is read from iptables -S', () => {
  assert.deepEqual(readLegacy('iptables', '-P INPUT ACCEPT\n-P FORWARD DROP\n-N DOCKER-USER\n'), [
    { tool: 'iptables', name: 'FORWARD' },
    { tool: 'iptables', name: 'DOCKER-USER' },
  ]);
  assert.deepEqual(readLegacy('iptables', '-P INPUT ACCEPT\n-P FORWARD ACCEPT\n'), []);
});

test('a bridge passes both ways; name queries get in at their port only', () => {
  assert.deepEqual(insertions('iptables', ['FORWARD', 'INPUT'], { bridge: 'br-a' }, 't:br-a:'), [
    '-I FORWARD -i br-a -m comment --comment "t:br-a:" -j ACCEPT',
    '-I FORWARD -o br-a -m comment --comment "t:br-a:" -j ACCEPT',
  ]);
  const names = { bridge: 'br-a', resolver: { address: '172.18.0.1', port: 3053 } };
  assert.deepEqual(insertions('iptables', ['FORWARD', 'INPUT'], names, 'c'), [
    '-I INPUT -i br-a -d 172.18.0.1 -p udp --dport 3053 -m comment --comment "c" -j ACCEPT',
    '-I INPUT -i br-a -d 172.18.0.1 -p tcp --dport 3053 -m comment --comment "c" -j ACCEPT',
  ]);
  assert.deepEqual(insertions('ip6tables', ['INPUT'], names, 'c'), []);
  assert.deepEqual(insertions('iptables', ['FORWARD'], names, 'c'), []);
});

test('only rules with the mark are deleted, quoted or not', () => {
  const text = [
    '-P FORWARD DROP',
    '-A FORWARD -i br-a -m comment --comment "t:br-a:" -j ACCEPT',
    '-A FORWARD -o br-a -m comment --comment t:br-a: -j ACCEPT',
    '-A FORWARD -i br-b -m comment --comment "t:br-b:" -j ACCEPT',
    '-A FORWARD -i docker0 -j ACCEPT',
  ].join('\n');
  assert.deepEqual(deletions(text, 't:br-a:'), [
    '-D FORWARD -i br-a -m comment --comment "t:br-a:" -j ACCEPT',
    '-D FORWARD -o br-a -m comment --comment t:br-a: -j ACCEPT',
  ]);
  assert.equal(deletions(text, 't:').length, 3);
});
