import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

/** Five times the text takes about five times as long; one rule that grows with the square of it takes 25 times. */
const PARTS = 5;
const GROWTH = 12;
const ROUNDS = 15;

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

function assertLinear(path: string, textOf: (size: number) => string, size: number): void {
  const [small, large] = [bestTime(path, textOf(size / PARTS)), bestTime(path, textOf(size))];
  assert.ok(large < small * GROWTH, `${large.toFixed(1)} ms, a fifth of it ${small.toFixed(1)} ms`);
}

test('the time for a Dockerfile grows with its length, up to 5,000 lines', () => {
  const textOf = (blocks: number): string => {
    const block = (i: number): string => {
      const run = `RUN apt-get update && \\\n  apt-get install -y foo$A${i} \\\n  # comment\n  && echo done | wc -l\n`;
      return `ENV A${i}=b${i} C${i}=$A${Math.max(0, i - 1)}\n${run}`;
    };
    return `FROM debian:12 AS base\n${Array.from({ length: blocks }, (_, i) => block(i)).join('')}`;
  };
  assertLinear('/project/Dockerfile', textOf, 1000);
});

test('the time for a Compose file grows with its services, up to 100', () => {
  const textOf = (count: number): string => {
    const service = (i: number): string => {
      const needs = i === 0 ? '' : `    depends_on: [s${i - 1}]\n`;
      return `  s${i}:\n    image: nginx:1.29\n${needs}    ports: ["${8000 + i}:80"]\n    environment:\n      A: \${A:-1}\n    volumes:\n      - data:/data\n    healthcheck:\n      interval: 30s\n`;
    };
    return `services:\n${Array.from({ length: count }, (_, i) => service(i)).join('')}volumes:\n  data:\n`;
  };
  assertLinear('/project/compose.yaml', textOf, 100);
});
