import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultProfileText } from './app-armor.ts';

const RICH = { tunables: true, base: true, abi: true };

test('the profile refers only to what the host’s policy has', () => {
  const rich = defaultProfileText(RICH);
  assert.match(rich, /^abi <abi\/3\.0>,\n#include <tunables\/global>\n/);
  assert.match(rich, /#include <abstractions\/base>/);
  const poor = defaultProfileText({ tunables: false, base: false, abi: false });
  assert.match(poor, /^@\{PROC\}=\/proc\/\n/);
  assert.doesNotMatch(poor, /include/);
});

test('it denies mounts, the kernel’s settings and other profiles’ processes', () => {
  const text = defaultProfileText(RICH);
  for (const rule of ['deny mount,', 'deny @{PROC}/* w,', 'peer=docker-default,']) assert.ok(text.includes(rule), rule);
  // Every rule is one line that ends in a comma.
  const rules = text
    .split('\n')
    .slice(4, -2)
    .filter((line) => !/^\s*(#|$)/.test(line));
  assert.deepEqual(
    rules.filter((line) => !line.endsWith(',')),
    [],
  );
});
