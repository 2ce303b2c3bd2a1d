import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

const facts = {
  containers: { running: 1, paused: 0, stopped: 2 },
  info: { kernel: 'a "b"', version: '1' },
  cpus: 2,
  memory: 3,
  eventSubscribers: 0,
};

test('counters, histograms and gauges as Prometheus reads them', async () => {
  const metrics = createMetrics();
  metrics.count('engine_daemon_health_checks_total');
  metrics.count('logger_log_write_operations_failed_total', 3);
  assert.equal(await metrics.timed('container', 'start', async () => 7), 7);
  await assert.rejects(metrics.timed('container', 'create', () => Promise.reject(new Error('no'))));
  await metrics.timed('host_info', 'system_info', async () => {});
  metrics.healthCheckStarted(0.02);
  const text = metrics.render(facts);
  assert.match(text, /^process_virtual_memory_bytes [1-9]\d{6,}$/m);
  for (const line of [
    'engine_daemon_container_states_containers{state="stopped"} 2',
    'engine_daemon_engine_info{kernel="a \\"b\\"",version="1"} 1',
    'engine_daemon_health_checks_total 1',
    'engine_daemon_health_checks_failed_total 0',
    'engine_daemon_container_actions_seconds_count{action="start"} 1',
    'engine_daemon_container_actions_seconds_bucket{action="start",le="+Inf"} 1',
    'engine_daemon_container_actions_seconds_count{action="create"} 0',
    'engine_daemon_network_actions_seconds_count{action="release"} 0',
    'engine_daemon_host_info_functions_seconds_count{function="system_info"} 1',
    'engine_daemon_host_info_functions_seconds_count{function="os_version"} 0',
    'logger_log_write_operations_failed_total 3',
    'logger_log_read_operations_failed_total 0',
    'engine_daemon_health_check_start_duration_seconds_bucket{le="0.005"} 0',
    'engine_daemon_health_check_start_duration_seconds_bucket{le="0.025"} 1',
    'engine_daemon_health_check_start_duration_seconds_sum 0.02',
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line);
  }
  for (const line of text.trimEnd().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [\d.e+-]+)$/);
});
