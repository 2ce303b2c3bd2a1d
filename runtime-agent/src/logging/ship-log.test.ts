import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { CURRENT_LOG } from '../runtime/log-read.ts';
import { type LogTrouble, shipLog } from './ship-log.ts';
import { openShippedPosition } from './shipped-position.ts';

const line = (tag: 'F' | 'P', text: string): string => `2026-11-28T20:16:34.123456789+00:00 stdout ${tag} ${text}\n`;

/** Sends a log of these lines, and gives what arrived and what was told. */
async function ship(lines: string | undefined, accepts: (text: string) => boolean) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ship-log-'));
  const sent: string[] = [];
  const troubles: Partial<Record<LogTrouble, number>> = {};
  const warnings: string[] = [];
  try {
    if (lines === undefined) mkdirSync(path.join(folder, CURRENT_LOG));
    else writeFileSync(path.join(folder, CURRENT_LOG), lines);
    using position = openShippedPosition(path.join(folder, 'sent'));
    const result = await shipLog({
      directory: folder,
      sink: {
        batch: 1,
        async send([message]) {
          const text = message?.line.toString() ?? '';
          if (!accepts(text)) throw new EngineError('invalid', 'too hard');
          sent.push(text);
        },
        [Symbol.asyncDispose]: async () => {},
      },
      position,
      ended: Promise.resolve(),
      policy: { attempts: 1, waitMs: () => 0 },
      signal: new AbortController().signal,
      warn: (message) => void warnings.push(message),
      onTrouble: (trouble, times) => void (troubles[trouble] = (troubles[trouble] ?? 0) + times),
    }).catch((error: unknown) => error);
    return { sent, troubles, warnings, result };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is given up is told and counted, and the rest goes on', async () => {
  const { sent, troubles, warnings } = await ship(
    line('F', 'a') + line('F', 'b') + line('F', 'c'),
    (text) => text !== 'b',
  );
  assert.deepEqual(sent, ['a', 'c']);
  assert.deepEqual(troubles, { unwritten: 1 });
  assert.deepEqual(warnings, ['1 lines are not sent']);
});

test('a line of several parts is counted once', async () => {
  const piece = 'x'.repeat(16_000);
  const { sent, troubles } = await ship(
    line('P', piece) + line('P', piece) + line('F', 'end') + line('F', 'y'),
    () => true,
  );
  assert.deepEqual(
    sent.map((text) => text.length),
    [16_000, 16_003, 1],
  );
  assert.deepEqual(troubles, { long: 1 });
});

test('a log that cannot be read is counted', async () => {
  const { troubles, result } = await ship(undefined, () => true);
  assert.match(String(result), /EISDIR/);
  assert.deepEqual(troubles, { unread: 1 });
});
