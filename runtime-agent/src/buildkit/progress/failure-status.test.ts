import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { failedAt, failedToFetch, failure } from '../../build/failure-cause.ts';
import { stepFailure } from '../../build/steps/step-failure.ts';
import { failureMessage, failureStatus } from './failure-status.ts';

test("failures in BuildKit's words", () => {
  const messages = [
    stepFailure(['/bin/sh', '-c', 'echo "x"; exit 3'], 3),
    failure('invalid', 'no user x', { unstarted: { argv: ['a', 'b'] } }),
    failure('invalid', '…', { unstarted: { argv: ['/no'], words: 'unable to start' } }),
    failure('invalid', 'COPY failed: …', { missing: '/b' }),
    failure('invalid', 'Get "http://x": refused', { address: 'http://x' }),
    failedToFetch(new EngineError('not-found', 'gone'), 'busybox'),
    new EngineError('cancelled', 'the build was cancelled'),
    failure('invalid', 'dockerfile parse error on line 1: x\n\nexcerpt', {
      place: { span: { start: 0, end: 1 }, brief: 'brief' },
    }),
    new Error('plain'),
  ].map(failureMessage);
  assert.deepEqual(messages, [
    'process "/bin/sh -c echo \\"x\\"; exit 3" did not complete successfully: exit code: 3',
    'process "a b" did not complete successfully: no user x',
    'process "/no" did not complete successfully: exit code: 1',
    'failed to compute cache key: failed to calculate checksum of ref context: "/b": not found',
    'failed to load cache key: Get "http://x": refused',
    'busybox: failed to resolve source metadata for docker.io/library/busybox:latest: gone',
    'context canceled',
    'brief',
    'plain',
  ]);
});

test('the place in the Dockerfile goes along, as clients show it', () => {
  const text = 'FROM a\nRUN b \\\n  c\n';
  const error = failedAt(stepFailure(['b'], 1), { start: 7, end: 18 });
  const { details, message } = failureStatus(error, { name: 'D', text });
  assert.match(message, /exit code: 1/);
  const [detail] = details;
  assert.equal(detail?.type_url, 'github.com/moby/buildkit/errdefs.Source+json');
  assert.deepEqual(JSON.parse(String(detail?.value)), {
    info: { filename: 'D', data: Buffer.from(text).toString('base64'), language: 'Dockerfile' },
    ranges: [{ start: { line: 2 }, end: { line: 3 } }],
  });
  assert.deepEqual(failureStatus(error, undefined).details, []);
});
