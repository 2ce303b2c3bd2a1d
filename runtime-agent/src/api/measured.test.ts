import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Builder } from '../build/builder.ts';
import type { Networks } from '../network/networks.ts';
import { measuredBuilder, measuredNetworks, measuredTransfers } from './measured.ts';
import { createMetrics } from './metrics.ts';

const facts = { containers: { running: 0, paused: 0, stopped: 0 }, info: {}, cpus: 1, memory: 1, eventSubscribers: 0 };

test('builds are counted, and those that fail by their reason', async () => {
  const metrics = createMetrics();
  const errors: unknown[] = [
    undefined,
    new EngineError('cancelled', 'context canceled'),
    new EngineError('invalid', 'the Dockerfile (Dockerfile) cannot be empty'),
    new EngineError('invalid', 'dockerfile parse error on line 1: unknown instruction: FOO'),
    new EngineError('invalid', 'target stage "x" could not be found'),
    new Error('anything'),
  ];
  const build = async (): Promise<never> => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return undefined as never;
  };
  const builder = measuredBuilder({ build } as unknown as Builder, metrics);
  for (let left = errors.length; left > 0; left--) await builder.build(undefined as never).catch(() => {});
  const text = metrics.render(facts);
  const at = (name: string): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1);
  assert.equal(at('builder_builds_triggered_total'), '6');
  for (const reason of ['build_canceled', 'dockerfile_empty_error', 'unknown_instruction_error']) {
    assert.equal(at(`builder_builds_failed_total{reason="${reason}"}`), '1', reason);
  }
  assert.equal(at('builder_builds_failed_total{reason="build_target_not_reachable_error"}'), '1');
  assert.equal(at('builder_builds_failed_total{reason="error_processing_commands_error"}'), '1');
  assert.equal(at('builder_builds_failed_total{reason="missing_onbuild_arguments_error"}'), '0');
});

test('networks and transfers of images are timed when they succeed', async () => {
  const metrics = createMetrics();
  const fails = async (): Promise<never> => {
    throw new Error('no');
  };
  const works = async () => undefined as never;
  const networks = measuredNetworks({ open: works, connect: fails } as unknown as Networks, metrics);
  await networks.open(undefined as never);
  await assert.rejects(networks.connect('n', 'c', {}));
  const images = measuredTransfers({ pull: works, push: fails }, metrics);
  await images.pull(undefined as never);
  await assert.rejects(images.push(undefined as never));
  const text = metrics.render(facts);
  for (const [family, action, count] of [
    ['network', 'allocate', 1],
    ['network', 'connect', 0],
    ['image', 'pull', 1],
    ['image', 'push', 0],
  ] as const) {
    assert.ok(text.includes(`engine_daemon_${family}_actions_seconds_count{action="${action}"} ${count}\n`), action);
  }
});
