import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideBySide } from './side-by-side.ts';
import type { Steps } from './steps.ts';

function stand(signal = new AbortController().signal): { readonly steps: Steps; readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    steps: {
      signal,
      begin: (title) => said.push(`[${title}]`),
      report: (message, percent) => said.push(percent === undefined ? message : `${message} ${percent}`),
      log: (text) => said.push(text),
    },
  };
}

const aborted = ({ signal }: Steps): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));

test('both results; what both do is told together, the percents only of one that is left', async () => {
  const { steps, said } = stand();
  const sent = Promise.withResolvers<void>();
  const results = await sideBySide(
    steps,
    async (one) => {
      one.begin('Sending');
      one.report('Sending: 1 of 9', 11);
      await sent.promise;
      return 'sent';
    },
    async (other) => {
      other.begin('Pulling');
      sent.resolve();
      await new Promise(setImmediate);
      other.report('Pulling: 50 %', 50);
      return 7;
    },
  );
  assert.deepEqual(results, ['sent', 7]);
  const expected = [
    '[Sending]',
    'Sending',
    'Sending: 1 of 9 11',
    '[Pulling]',
    'Sending: 1 of 9 · Pulling',
    'Pulling: 50 % 50',
  ];
  assert.deepEqual(said, expected);
});

test('one fails: the other is ended, and the failure is the first one', async () => {
  let ended = false;
  const other = async (steps: Steps): Promise<never> => {
    try {
      return await aborted(steps);
    } finally {
      ended = true;
    }
  };
  const failing = async (): Promise<never> => {
    throw new Error('disk full');
  };
  await assert.rejects(sideBySide(stand().steps, failing, other), /disk full/);
  assert.ok(ended, 'nothing goes on behind the back of whoever is told');
  await assert.rejects(sideBySide(stand().steps, other, failing), /disk full/);
});

test('cancelling ends both', async () => {
  const controller = new AbortController();
  const both = sideBySide(stand(controller.signal).steps, aborted, aborted);
  controller.abort();
  await assert.rejects(both, /cancelled/);
});
