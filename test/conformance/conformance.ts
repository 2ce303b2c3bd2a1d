/**
 * Runs a table of rows: first against Docker, where there is one, then against the engine. `expected/NAME.json` holds what
 * Docker answered; with CONFORMANCE_RECORD=1 and a Docker it is written anew. A row that Docker does not pass is a wrong row.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { callSocket } from '../support/call-socket.ts';
import { pullImage } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { DEVIATIONS } from './deviations.ts';
import { copyImage, takeImage } from './image.ts';
import { differences } from './normalise.ts';
import { findReference, type Reference } from './reference.ts';
import { runRow, type Target } from './run-row.ts';
import type { Row } from './step.ts';

type Expected = Record<string, unknown>;

const RECORD = process.env['CONFORMANCE_RECORD'] === '1';

export function conformance(name: string, rows: readonly Row[]): void {
  const file = path.join(import.meta.dirname, `expected/${name}.json`);
  const expected = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Expected;
  const recorded: Expected = {};
  const image = `conformance-${process.pid}`;
  let engine: TestEngine;
  let reference: Reference;
  const targets: { docker?: Target; ours?: Target } = {};

  before(async () => {
    [engine, reference] = await Promise.all([startTestEngine(), findReference()]);
    await pullImage(engine);
    await takeImage(engine, image);
    targets.ours = await target(engine.socket, image);
    if (!('socket' in reference)) return;
    await copyImage(engine, reference, image);
    targets.docker = await target(reference.socket, image);
  });
  after(async () => {
    if ('socket' in reference) await callSocket(reference.socket, 'DELETE', `/images/${image}?force=1`);
    await engine[Symbol.asyncDispose]();
    if (!RECORD) return;
    const all = Object.fromEntries(rows.map(({ title }) => [title, recorded[title] ?? expected[title]]));
    writeFileSync(file, `${JSON.stringify(all, undefined, 1)}\n`);
  });

  test(`${name}: titles are told apart`, () => {
    assert.equal(new Set(rows.map(({ title }) => title)).size, rows.length);
  });
  test(`${name}: Docker answers as the table says`, async (context) => {
    const { docker } = targets;
    if (docker === undefined) {
      context.skip('none' in reference ? reference.none : 'no Docker');
      return;
    }
    for (const row of rows) {
      if (RECORD && process.env['CONFORMANCE_NEW'] === '1' && row.title in expected) continue;
      await context.test(row.title, async () => {
        const answers = await runRow(row, docker);
        if (RECORD) recorded[row.title] = answers;
        else assert.deepEqual(differences(expected[row.title], answers), []);
      });
    }
  });
  describe(`${name}: the engine answers as Docker`, () => {
    for (const row of rows) {
      test(row.title, async () => {
        const wanted = recorded[row.title] ?? expected[row.title];
        assert.ok(wanted !== undefined, 'not recorded: run with CONFORMANCE_RECORD=1 and REFERENCE_SOCKET');
        assert.ok(targets.ours);
        const found = differences(wanted, await runRow(row, targets.ours)).filter((one) => !isMeant(row, one));
        assert.deepEqual(found, []);
      });
    }
  });
}

/** On purpose: told in the row or in the list of deviations. */
function isMeant(row: Row, difference: string): boolean {
  const known = [...Object.keys(DEVIATIONS), ...Object.keys(row.differs ?? {})];
  return known.some((part) => difference.includes(part));
}

async function target(socket: string, image: string): Promise<Target> {
  const { DockerRootDir: root } = (await callSocket(socket, 'GET', '/info')).json<{ DockerRootDir: string }>();
  return { socket, image, root };
}
