import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { decodeText, errorOf, grpcFailure, Status, statusOf, trailersOf } from './grpc-status.ts';

test('an error has a code and its message, in ASCII', () => {
  const status = statusOf(new EngineError('not-found', 'no ü\n100%'));
  const trailers = trailersOf(status);
  assert.deepEqual(trailers, { 'grpc-status': '5', 'grpc-message': 'no %C3%BC%0A100%25' });
  assert.equal(decodeText(trailers['grpc-message'] ?? ''), 'no ü\n100%');
  assert.deepEqual(trailersOf({ code: 0, message: '', details: [] }), { 'grpc-status': '0' });
});

test('details go along in a whole status', () => {
  const details = [{ type_url: 'x/y', value: Buffer.from('z') }];
  const trailers = trailersOf(statusOf(grpcFailure({ code: 13, message: 'm', details })));
  const whole = Status.decode(Buffer.from(trailers['grpc-status-details-bin'] ?? '', 'base64'));
  assert.deepEqual(whole, { code: 13, message: 'm', details });
});

test("a peer's status is an error of the engine", () => {
  const codes = [1, 5, 7, 12, 14, 16, 2, 99].map((code) => errorOf(code, 'x').code);
  const expected = [
    'cancelled',
    'not-found',
    'forbidden',
    'not-implemented',
    'unavailable',
    'unauthorized',
    'invalid',
    'invalid',
  ];
  assert.deepEqual(codes, expected);
});
