import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

/** The goal is 50 ms on a machine that does nothing else; a rule that grows with the square of the file takes seconds. */
const BUDGET_MS = 150;
const ROUNDS = 25;

function bestTime(path: string, text: string): number {
  const language = LANGUAGES.find((candidate) => candidate.owns('', path));
  assert.ok(language);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage().user;
    const source = { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles({}) };
    language.diagnose(language.parse(source), DEFAULT_SETTINGS);
    best = Math.min(best, (process.cpuUsage().user - before) / 1000);
  }
  return best;
}

test('a Dockerfile of 5,000 lines is linted while typing', () => {
  const blocks = Array.from({ length: 1000 }, (_, i) => {
    const run = `RUN apt-get update && \\\n  apt-get install -y foo$A${i} \\\n  # comment\n  && echo done | wc -l\n`;
    return `ENV A${i}=b${i} C${i}=$A${Math.max(0, i - 1)}\n${run}`;
  });
  const time = bestTime('/project/Dockerfile', `FROM debian:12 AS base\n${blocks.join('')}`);
  assert.ok(time < BUDGET_MS, `${time.toFixed(0)} ms`);
});

test('a Compose file of 100 services too', () => {
  const services = Array.from({ length: 100 }, (_, i) => {
    const needs = i === 0 ? '' : `    depends_on: [s${i - 1}]\n`;
    return `  s${i}:\n    image: nginx:1.29\n${needs}    ports: ["${8000 + i}:80"]\n    environment:\n      A: \${A:-1}\n    volumes:\n      - data:/data\n    healthcheck:\n      interval: 30s\n`;
  });
  const time = bestTime('/project/compose.yaml', `services:\n${services.join('')}volumes:\n  data:\n`);
  assert.ok(time < BUDGET_MS, `${time.toFixed(0)} ms`);
});
