import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeConfig } from './merge-config.ts';

const image = {
  User: 'app',
  Env: ['PATH=/bin', 'A=image'],
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  WorkingDir: '/srv',
  Labels: { a: 'image', b: 'image' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGINT',
};

test('the image completes what the user left out', () => {
  assert.deepEqual(mergeConfig({ Image: 'i', Env: ['A=user', 'B=1'], Labels: { b: 'user' } }, image), {
    Image: 'i',
    User: 'app',
    Env: ['A=user', 'B=1', 'PATH=/bin'],
    Entrypoint: ['/entry'],
    Cmd: ['serve'],
    WorkingDir: '/srv',
    Labels: { a: 'image', b: 'user' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    StopSignal: 'SIGINT',
  });
});

test('commands and entrypoints replace one another as Docker has it', () => {
  const command = (user: object): unknown => {
    const { Entrypoint, Cmd } = mergeConfig(user, image);
    return [Entrypoint, Cmd];
  };
  assert.deepEqual(command({}), [['/entry'], ['serve']]);
  assert.deepEqual(command({ Cmd: ['x'] }), [['/entry'], ['x']]);
  assert.deepEqual(command({ Entrypoint: ['/mine'] }), [['/mine'], undefined]);
  assert.deepEqual(command({ Entrypoint: ['/mine'], Cmd: ['x'] }), [['/mine'], ['x']]);
  assert.deepEqual(command({ Entrypoint: [''], Cmd: ['x'] }), [undefined, ['x']]);
  assert.throws(() => mergeConfig({}, {}), { code: 'invalid', message: 'no command specified' });
  assert.throws(() => mergeConfig({ Entrypoint: [''] }, image), { message: 'no command specified' });
});

test('health checks are completed field by field, and NONE turns them off', () => {
  const Healthcheck = { Test: ['CMD', 'x'], Interval: 5e9, Retries: 2 };
  const merged = mergeConfig({ Cmd: ['x'], Healthcheck: { Interval: 1e9 } }, { Healthcheck });
  assert.deepEqual(merged.Healthcheck, { Test: ['CMD', 'x'], Interval: 1e9, Retries: 2 });
  const off = mergeConfig({ Cmd: ['x'], Healthcheck: { Test: ['NONE'] } }, { Healthcheck });
  assert.deepEqual(off.Healthcheck, { Test: ['NONE'] });
  assert.deepEqual(mergeConfig({ Cmd: ['x'] }, { Healthcheck }).Healthcheck, Healthcheck);
});
