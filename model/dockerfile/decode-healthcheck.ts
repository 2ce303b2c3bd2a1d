import type { HealthcheckCommand } from './commands.ts';
import type { InstructionArguments } from './instruction-arguments.ts';
import { DecodeError } from './decode-error.ts';
import { durationProblem, parseDuration } from './duration.ts';

const SHORTEST = 1_000_000; // nanoseconds: Docker's smallest health check interval

export function decodeHealthcheck(source: InstructionArguments): HealthcheckCommand {
  const { body, flags, instruction } = source;
  const type = (instruction.words[0]?.text ?? '').toUpperCase();
  if (type === '') throw new DecodeError('HEALTHCHECK requires at least one argument');
  const rest = body.replace(/^\S+\s*/, '');
  if (type === 'NONE') {
    if (rest !== '') throw new DecodeError('HEALTHCHECK NONE takes no arguments');
    return { kind: 'HEALTHCHECK', command: undefined };
  }
  if (type !== 'CMD') throw new DecodeError(`Unknown type "${type}" in HEALTHCHECK (try CMD)`);
  if (rest === '') throw new DecodeError('Missing command after HEALTHCHECK CMD');
  const { json } = instruction;
  const duration = (name: string): number | undefined => durationOf(name, flags.string(name));
  return defined({
    kind: 'HEALTHCHECK' as const,
    command:
      json === undefined
        ? ({ form: 'shell', line: rest } as const)
        : ({ form: 'exec', argv: json.items.map((item) => item.text) } as const),
    interval: duration('interval'),
    timeout: duration('timeout'),
    startPeriod: duration('start-period'),
    startInterval: duration('start-interval'),
    retries: retriesOf(flags.string('retries')),
  });
}

function durationOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = parseDuration(text);
  if (value === undefined) throw new DecodeError(durationProblem(text));
  if (value !== 0 && value < SHORTEST) throw new DecodeError(`Interval "${name}" cannot be less than 1ms`);
  return value;
}

function retriesOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new DecodeError(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  if (value < 0) throw new DecodeError(`--retries cannot be negative (${value})`);
  return value;
}

/** The object without its undefined properties. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
