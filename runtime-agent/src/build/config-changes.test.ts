import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyChanges } from './config-changes.ts';

const base = { Env: ['PATH=/bin', 'A=1'], WorkingDir: '/w', Labels: { x: '1' } };

test('nothing to change leaves the configuration as it is', () => {
  assert.equal(applyChanges(base, []), base);
});

test('instructions change it as in a Dockerfile', () => {
  const changes = ['ENV B=$A-2', 'CMD ["sh"]', 'WORKDIR sub', 'LABEL y=2', 'EXPOSE 80 81', 'USER u', 'ENTRYPOINT e x'];
  assert.deepEqual(applyChanges(base, changes), {
    Env: ['PATH=/bin', 'A=1', 'B=1-2'],
    WorkingDir: '/w/sub',
    Labels: { x: '1', y: '2' },
    Cmd: ['sh'],
    ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
    User: 'u',
    Entrypoint: ['/bin/sh', '-c', 'e x'],
  });
});

test('what cannot be done without a build is refused', () => {
  assert.deepEqual(applyChanges({}, ['CMD x\nENV A=1', '# no\nENV B=2 \\', 'C=3']), {
    Cmd: ['/bin/sh', '-c', 'x'],
    Env: ['A=1', 'B=2', 'C=3'],
  });
  assert.throws(() => applyChanges(base, [' ']), { code: 'invalid', message: 'file with no instructions' });
  assert.throws(() => applyChanges(base, ['RUN x']), { code: 'invalid', message: 'RUN is not a valid change command' });
  assert.throws(() => applyChanges(base, ['run x']), { message: 'run is not a valid change command' });
  assert.throws(() => applyChanges(base, ['COPY a b']), { message: 'COPY is not a valid change command' });
  assert.throws(() => applyChanges(base, ['NOSUCH a']), { message: 'NOSUCH is not a valid change command' });
  assert.throws(() => applyChanges(base, ['EXPOSE x']), { message: 'invalid containerPort: x' });
});
