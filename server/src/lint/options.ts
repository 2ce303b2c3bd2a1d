import { parseArgs } from 'node:util';

export const USAGE = `Usage: slipway lint [OPTIONS] FILE|DIRECTORY...

Checks Dockerfiles and Compose files. A directory stands for those in it; - reads standard input.

Options:
  --format text|json|sarif   how to print findings (default: text)
  --fail-on error|warning    lowest severity that makes the exit code 1 (default: error)
  --max-warnings N           exit code 1 when there are more warnings than N
  --rule ID=LEVEL            set a rule to error, warning, information, hint or off; may be repeated
  --fix                      apply fixes that change nothing about the result
  --stdin-filename NAME      name and kind of what standard input holds (default: Dockerfile)
  --help                     print this help

Exit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage or an unreadable file.
`;

export interface LintOptions {
  readonly paths: readonly string[];
  readonly format: 'text' | 'json' | 'sarif';
  readonly failOn: 'error' | 'warning';
  readonly maxWarnings: number;
  readonly rules: Readonly<Record<string, string>>;
  readonly fix: boolean;
  readonly stdinFilename: string;
  readonly help: boolean;
}

/** Wrong usage or an unreadable file: the message is for the person at the terminal. */
export class LintUsageError extends Error {}

const FORMATS = ['text', 'json', 'sarif'] as const;
const FAIL_ON = ['error', 'warning'] as const;
const LEVELS: readonly string[] = ['error', 'warning', 'information', 'hint', 'off'];

export function readOptions(argv: readonly string[]): LintOptions {
  const { values, positionals } = parse(argv);
  const help = values.help === true;
  if (positionals.length === 0 && !help) {
    throw new LintUsageError(
      'no file given. Name Dockerfiles, Compose files or directories, for example: slipway lint .',
    );
  }
  return {
    paths: positionals,
    format: oneOf('--format', values.format ?? 'text', FORMATS),
    failOn: oneOf('--fail-on', values['fail-on'] ?? 'error', FAIL_ON),
    maxWarnings: count('--max-warnings', values['max-warnings']),
    rules: Object.fromEntries((values.rule ?? []).map(readRule)),
    fix: values.fix === true,
    stdinFilename: values['stdin-filename'] ?? 'Dockerfile',
    help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        'fail-on': { type: 'string' },
        'max-warnings': { type: 'string' },
        rule: { type: 'string', multiple: true },
        fix: { type: 'boolean' },
        'stdin-filename': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new LintUsageError(`${reason}. See: slipway lint --help`, { cause: error });
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new LintUsageError(`${option} must be one of ${allowed.join(', ')}, not '${value}'`);
  return found;
}

function count(option: string, value: string | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(value)) throw new LintUsageError(`${option} must be a number, not '${value}'`);
  return Number(value);
}

function readRule(text: string): [string, string] {
  const [id = '', level = ''] = text.split('=');
  if (id === '' || !LEVELS.includes(level)) {
    throw new LintUsageError(`--rule must be ID=LEVEL with a level of ${LEVELS.join(', ')}, not '${text}'`);
  }
  return [id, level];
}
