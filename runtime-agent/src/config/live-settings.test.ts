import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from './engine-config.ts';
import { createLiveSettings, needsRestart, reloadAttributes, reloadSettings } from './live-settings.ts';

const config = (...args: string[]) => loadConfig(['--config-file', '/dev/null', ...args]).config;

test('a reload fills the same lists, and tells what waits for a restart', () => {
  const before = config('--label', 'a=1');
  const live = createLiveSettings(before);
  const { labels, registryMirrors } = live;
  const after = config('--label', 'b=2', '--registry-mirror', 'http://m', '--debug', '--default-shm-size', '1m');
  assert.equal(needsRestart(before, after), false);
  reloadSettings(live, after);
  assert.deepEqual([labels, registryMirrors, live.debug, live.shmSize], [['b=2'], ['http://m'], true, 2 ** 20]);
  assert.deepEqual(reloadAttributes(live, 'host'), {
    name: 'host',
    debug: 'true',
    'insecure-registries': '[]',
    labels: '["b=2"]',
    'live-restore': 'true',
    'registry-mirrors': '["http://m"]',
    'shutdown-timeout': '15',
  });
  assert.equal(needsRestart(before, config('--mtu', '1400')), true);
});
