import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyChanges } from './apply-changes.ts';

test('instructions change the configuration as in a Dockerfile', () => {
  const base = { Env: ['PATH=/bin', 'A=1'], Labels: { k: 'v' } };
  const changes = [
    'CMD ["sh", "-c"]',
    'ENV B=$A',
    'LABEL x=y',
    'EXPOSE 80',
    'WORKDIR /srv',
    'WORKDIR app',
    'USER 5',
    'VOLUME /d',
  ];
  assert.deepEqual(applyChanges(base, changes), {
    Cmd: ['sh', '-c'],
    Env: ['PATH=/bin', 'A=1', 'B=1'],
    ExposedPorts: { '80/tcp': {} },
    Labels: { k: 'v', x: 'y' },
    User: '5',
    Volumes: { '/d': {} },
    WorkingDir: '/srv/app',
  });
  assert.deepEqual(base, { Env: ['PATH=/bin', 'A=1'], Labels: { k: 'v' } }, 'the base stays as it was');
});

test('without changes nothing is added, and nothing but what is asked for', () => {
  assert.deepEqual(applyChanges({}, []), {});
  assert.deepEqual(applyChanges({}, ['CMD echo hi']), { Cmd: ['/bin/sh', '-c', 'echo hi'] });
});

test('what is no change is refused in words of Docker', () => {
  assert.throws(() => applyChanges({}, ['RUN x']), { code: 'invalid', message: 'RUN is not a valid change command' });
  assert.throws(() => applyChanges({}, ['BOGUS x']), { code: 'invalid', message: /unknown instruction: BOGUS/ });
  assert.throws(() => applyChanges({}, ['']), { code: 'invalid' });
});
