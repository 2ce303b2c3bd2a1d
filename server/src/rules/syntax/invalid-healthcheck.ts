import { parseDuration } from '#model/dockerfile/duration.ts';
import { readsNoFlags } from '#model/dockerfile/reads-no-flags.ts';
import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { instructionRule } from '../instruction-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

const DURATIONS: ReadonlySet<string> = new Set(['interval', 'timeout', 'start-period', 'start-interval']);
const SHORTEST = 1_000_000; // nanoseconds

export const invalidHealthcheck = instructionRule({
  id: 'InvalidHealthcheck',
  severity: 'error',
  fatal: true,
  title: 'HEALTHCHECK needs CMD and a command, or NONE alone, and sensible options',
  concerns: ({ keyword }) => keyword === 'HEALTHCHECK',
  *checkInstruction(instruction) {
    const { words } = instruction;
    const [type] = words;
    if (type === undefined) return; // the argument count is another rule's
    const problem = typeProblem(instruction, type.text.toUpperCase());
    if (problem !== undefined) yield problem;
    if (readsNoFlags(instruction)) return;
    for (const { name, value, valueSpan } of instruction.flags) {
      if (value === undefined || value === '' || valueSpan === undefined) continue;
      const message = DURATIONS.has(name)
        ? durationProblem(name, value)
        : name === 'retries'
          ? retriesProblem(value)
          : undefined;
      if (message !== undefined) yield { span: valueSpan, message };
    }
  },
});

function typeProblem(instruction: Instruction, type: string): Problem | undefined {
  const [first, second] = instruction.words;
  if (first === undefined) return undefined;
  if (type === 'NONE') {
    const span = { start: second?.span.start ?? 0, end: bodySpan(instruction).end };
    return second === undefined ? undefined : { span, message: 'HEALTHCHECK NONE takes no arguments' };
  }
  if (type !== 'CMD') {
    const at = { start: first.span.start, end: first.span.start };
    const fixes = [{ title: 'Insert CMD', edits: [{ span: at, text: 'CMD ' }] }];
    return { span: first.span, message: `Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`, fixes };
  }
  const isEmpty = second === undefined || instruction.json?.items.length === 0;
  return isEmpty ? { span: first.span, message: 'Missing command after HEALTHCHECK CMD' } : undefined;
}

/** In the words of Go's time package, as BuildKit says it. */
function durationProblem(name: string, text: string): string | undefined {
  const value = parseDuration(text);
  if (value === undefined) {
    const unit = /^[+-]?[\d.]+([^\d.]+)/.exec(text)?.[1];
    if (/^[+-]?\d+(?:\.\d*)?$/.test(text)) return `time: missing unit in duration ${JSON.stringify(text)}`;
    if (unit === undefined) return `time: invalid duration ${JSON.stringify(text)}`;
    return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
  }
  return value !== 0 && value < SHORTEST ? `Interval ${JSON.stringify(name)} cannot be less than 1ms` : undefined;
}

function retriesProblem(text: string): string | undefined {
  if (!/^[+-]?\d+$/.test(text)) return `--retries must be a number, not ${JSON.stringify(text)}`;
  return text.startsWith('-') && Number(text) !== 0 ? `--retries cannot be negative (${text})` : undefined;
}
