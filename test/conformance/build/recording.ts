/** What the reference made of the cases, kept in a file: so that our builder can be held to it where no reference is. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BuildCase } from './build-case.ts';
import type { Outcome } from './build-with.ts';

const FILE = path.join(import.meta.dirname, '../../fixtures/build-outcomes.jsonl');

/** One line of the file. */
interface Recorded {
  readonly name: string;
  /** Of the case as it was when it was recorded. */
  readonly of: string;
  readonly outcome: Outcome;
}

export interface Recording {
  /** Undefined when the case was never recorded, or has changed since. */
  find(buildCase: BuildCase): Outcome | undefined;
  put(buildCase: BuildCase, outcome: Outcome): void;
  /** Writes the file anew, with the cases of these names only. */
  save(names: ReadonlySet<string>): void;
}

export function openRecording(): Recording {
  const lines = existsSync(FILE) ? readFileSync(FILE, 'utf8').trim().split('\n') : [];
  const recorded = new Map(lines.map((line) => JSON.parse(line) as Recorded).map((one) => [one.name, one]));
  return {
    find: (buildCase) => {
      const known = recorded.get(buildCase.name);
      return known?.of === hashOf(buildCase) ? known.outcome : undefined;
    },
    put: (buildCase, outcome) => {
      const { name } = buildCase;
      recorded.set(name, { name, of: hashOf(buildCase), outcome });
    },
    save(names) {
      const kept = [...recorded.values()].filter(({ name }) => names.has(name));
      kept.sort((a, b) => (a.name < b.name ? -1 : 1));
      writeFileSync(FILE, kept.map((one) => `${JSON.stringify(one)}\n`).join(''));
    },
  };
}

function hashOf({ name: _name, differs: _differs, differsByClient: _client, ...rest }: BuildCase): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 16);
}
