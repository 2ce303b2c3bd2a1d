/** Turns the events of node:test into counts and into the few lines that a person wants to read. */
import path from 'node:path';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Tally {
  take(event: TestEvent): void;
  counts(): Counts;
  /** Why tests were skipped, each reason once with how often. */
  skipReasons(): readonly string[];
}

interface TestError {
  readonly failureType?: string;
  readonly cause?: unknown;
}

const OUTPUT_TAIL = 4000;

/**
 * @param print called with each failure as it happens
 * @param root file names are told relative to this directory
 */
export function tallyTests(print: (text: string) => void, root: string): Tally {
  let passed = 0;
  let failed = 0;
  const skips = new Map<string, number>();
  const output = new Map<string, string>();
  const parents: string[] = [];

  function fail(data: { name: string; nesting: number; file?: string; details: { error: TestError } }): void {
    const { error } = data.details;
    if (error.failureType === 'subtestsFailed') return; // the one inside was told already
    failed++;
    const file = data.file ?? data.name;
    const title = [...parents.slice(0, data.nesting), data.name].filter((name) => name !== file).join(' > ');
    print(`FAILED ${path.relative(root, file)}${title === '' ? '' : ` > ${title}`}`);
    print(indent(describeError(error)));
    const said = output.get(file);
    if (said !== undefined) print(indent(`its output, so far:\n${said}`));
    output.delete(file);
  }

  return {
    take(event) {
      switch (event.type) {
        case 'test:stdout':
        case 'test:stderr':
          output.set(event.data.file, ((output.get(event.data.file) ?? '') + event.data.message).slice(-OUTPUT_TAIL));
          break;
        case 'test:start':
          parents[event.data.nesting] = event.data.name;
          break;
        case 'test:pass':
          if (event.data.details.type === 'suite') break;
          if (event.data.skip === undefined && event.data.todo === undefined) passed++;
          else skip(skips, String(event.data.skip ?? event.data.todo));
          break;
        case 'test:fail':
          if (event.data.todo === undefined) fail(event.data);
          else skip(skips, `todo: ${event.data.name}`);
          break;
        default:
      }
    },
    counts: () => ({ passed, failed, skipped: [...skips.values()].reduce((sum, n) => sum + n, 0) }),
    skipReasons: () => [...skips].map(([reason, n]) => (n === 1 ? reason : `${reason} (${n} tests)`)),
  };
}

function skip(skips: Map<string, number>, reason: string): void {
  const text = reason === 'true' || reason === '' ? 'no reason given' : reason;
  skips.set(text, (skips.get(text) ?? 0) + 1);
}

function describeError(error: TestError): string {
  const { cause } = error;
  if (cause instanceof Error) {
    return inspect(cause, { depth: 5, breakLength: 120 })
      .replaceAll(/\n\s+at .*node:internal.*/g, '')
      .slice(0, OUTPUT_TAIL);
  }
  return String(cause ?? inspect(error)).slice(0, OUTPUT_TAIL);
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
