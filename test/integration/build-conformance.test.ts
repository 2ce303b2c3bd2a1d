/**
 * Holds our builder to BuildKit, file by file: what the reference made of each case lies in test/fixtures/build-outcomes.jsonl
 * (`node test/conformance/build/main.ts --record` with a reference at hand writes it).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ALL_CASES } from '../conformance/build/cases/all.ts';
import { buildWith, type BuildingEngine } from '../conformance/build/build-with.ts';
import { differences } from '../conformance/build/compare.ts';
import { openRecording } from '../conformance/build/recording.ts';
import { slipwayBuilder } from '../conformance/build/slipway-builder.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const recording = openRecording();
let engine: TestEngine;
let builder: BuildingEngine;
before(async () => {
  engine = await startTestEngine();
  builder = await slipwayBuilder(engine, 'docker');
});
after(() => engine?.[Symbol.asyncDispose]());

test('every case was recorded', () => {
  assert.deepEqual(
    ALL_CASES.filter((one) => recording.find(one) === undefined).map(({ name }) => name),
    [],
  );
});

// Some 600 builds: their time together is not what the limit of a single test is for.
test('builds what BuildKit builds', { concurrency: 4, timeout: 30 * 60_000 }, async (t) => {
  const cases = ALL_CASES.map((one) =>
    t.test(one.name, { skip: one.differs ?? one.differsByClient ?? false }, async () => {
      const expected = recording.find(one);
      assert.ok(expected);
      assert.deepEqual(differences(expected, await buildWith(builder, one)), []);
    }),
  );
  await Promise.all(cases);
});
