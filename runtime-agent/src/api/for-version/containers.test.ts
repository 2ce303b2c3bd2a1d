import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerInspectResponse } from '#model/engine-api/types.ts';
import { olderThan } from '../version.ts';
import { containerForVersion, summaryForVersion } from './containers.ts';

const ID = '0123456789abcdef'.repeat(4);

test('names of a container were aliases before 1.45, on networks of its own', () => {
  const Networks = { bridge: { Aliases: null }, none: {}, n: { Aliases: ['a', 'h'] }, m: { Aliases: null } };
  const shown = {
    Id: ID,
    Config: { Hostname: 'h' },
    NetworkSettings: { Networks },
  } as unknown as ContainerInspectResponse;
  assert.equal(containerForVersion(shown, olderThan('1.45')), shown);
  assert.deepEqual(containerForVersion(shown, olderThan('1.44')).NetworkSettings, {
    Networks: { ...Networks, n: { Aliases: ['a', 'h', ID.slice(0, 12)] }, m: { Aliases: [ID.slice(0, 12), 'h'] } },
  });
});

test('annotations are listed since 1.46', () => {
  const shown = { HostConfig: { NetworkMode: 'n', Annotations: { a: 'b' } } };
  assert.equal(summaryForVersion(shown, olderThan('1.46')), shown);
  assert.deepEqual(summaryForVersion(shown, olderThan('1.45')), { HostConfig: { NetworkMode: 'n' } });
});
