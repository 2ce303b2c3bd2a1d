import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FirewallPort, renderNetwork, renderPorts, renderTable } from './firewall-ruleset.ts';

const plain = { bridge: 'br-a', internal: false, subnets: ['172.18.0.0/16', 'fd00:1::/64'], masquerade: true };
const port = (wishes: Partial<FirewallPort>): FirewallPort => ({
  protocol: 'tcp',
  hostIp: '0.0.0.0',
  hostPort: 8080,
  targetIp: '172.18.0.2',
  targetPort: 80,
  ...wishes,
});

test('a network is elements of sets', () => {
  assert.deepEqual(renderNetwork('t', 'add', plain).split('\n'), [
    'add element inet t bridges { "br-a" }',
    'add element inet t same { "br-a" . "br-a" }',
    'add element inet t subnets4 { 172.18.0.0/16 }',
    'add element inet t masquerade4 { 172.18.0.0/16 }',
    'add element inet t subnets6 { fd00:1::/64 }',
    'add element inet t masquerade6 { fd00:1::/64 }',
  ]);
});

test('what is added is deleted by the same elements', () => {
  for (const network of [plain, { ...plain, internal: true, masquerade: false }]) {
    const added = renderNetwork('t', 'add', network);
    assert.equal(renderNetwork('t', 'delete', network), added.replaceAll(/^add /gm, 'delete '));
  }
});

test('an internal network is marked, and one without masquerading has no element for it', () => {
  const text = renderNetwork('t', 'add', { ...plain, internal: true, masquerade: false });
  assert.match(text, /internal \{ "br-a" \}/);
  assert.doesNotMatch(text, /masquerade/);
});

test('ports are keys of four maps: by family, and with or without an address', () => {
  const lines = renderPorts('t', 'add', [
    port({}),
    port({ hostIp: '127.0.0.1', protocol: 'udp' }),
    port({ hostIp: '::', targetIp: 'fd00:1::2' }),
    port({ hostIp: 'fd00::9', targetIp: 'fd00:1::2', protocol: 'sctp' }),
  ]).split('\n');
  assert.deepEqual(lines, [
    'add element inet t publish4_any { tcp . 8080 : 172.18.0.2 . 80 }',
    'add element inet t publish4 { udp . 127.0.0.1 . 8080 : 172.18.0.2 . 80 }',
    'add element inet t publish6_any { tcp . 8080 : fd00:1::2 . 80 }',
    'add element inet t publish6 { sctp . fd00::9 . 8080 : fd00:1::2 . 80 }',
  ]);
  assert.equal(renderPorts('t', 'add', []), '');
});

test('the table is replaced, never flushed away, in one script', () => {
  const text = renderTable('t', [plain], [port({})]);
  const start = text.indexOf('table inet t {\n');
  assert.ok(text.startsWith('table inet t {}\ndelete table inet t\n'));
  assert.ok(start > 0);
  assert.doesNotMatch(text, /flush ruleset/);
  for (const set of text.matchAll(/@([a-z0-9_]+)/g)) {
    assert.match(text, new RegExp(`(set|map) ${set[1]} \\{`), `${set[1]} is used but not made`);
  }
  assert.ok(text.indexOf('publish4_any { tcp') > text.indexOf('chain postrouting'));
});
