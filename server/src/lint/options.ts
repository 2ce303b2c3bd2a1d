import { parseArgs } from 'node:util';
import { type Level, LEVEL_NAMES, readLevel } from '../rules/levels.ts';
import { type Preset, PRESETS } from '../rules/presets.ts';
import { type Format, FORMATS } from './report.ts';
import { LintUsageError } from './usage-error.ts';

export const USAGE = `Usage: slipway lint [OPTIONS] FILE|DIRECTORY|GLOB...

Checks Dockerfiles and Compose files. A directory stands for those in it; - reads standard input.

Options:
  --format FORMAT            text, json, sarif, github or checkstyle (default: text)
  --fail-on LEVEL            lowest severity that makes the exit code 1: error, warning, information, hint or none
                             (default: error)
  --max-warnings N           exit code 1 when there are more warnings than N
  --preset PRESET            recommended, strict, buildkit or hadolint (default: recommended)
  --rule ID=LEVEL            set a rule to error, warning, information, hint or off; ID may be another tool's name for
                             it, such as DL3006; may be repeated
  --config FILE              use this instead of the .hadolint.yaml or .dclintrc beside the linted files; may also
                             hold preset and rules
  --build-arg NAME[=VALUE]   value of a build argument; without =VALUE it is taken from the environment
  --target STAGE             check only what building this stage needs
  --shellcheck auto|on|off   findings of ShellCheck about scripts, where the program is installed (auto: with at most
                             100 files)
  --fix                      apply fixes that change nothing about the result; with - the fixed text goes to standard
                             output and the findings to standard error
  --stdin-filename NAME      name and kind of what standard input holds (default: by its content)
  --help                     print this help

Exit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage or an unreadable file.
`;

export interface LintOptions {
  readonly paths: readonly string[];
  readonly format: Format | undefined;
  readonly failOn: Level | undefined;
  readonly maxWarnings: number;
  readonly preset: Preset | undefined;
  readonly rules: Readonly<Record<string, Level>>;
  readonly config: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly shellcheck: 'auto' | 'on' | 'off';
  readonly fix: boolean;
  readonly stdinFilename: string | undefined;
  readonly help: boolean;
}

/** @param environment where `--build-arg NAME` takes its value from */
export function readOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): LintOptions {
  const { values, positionals } = parse(argv);
  const help = values.help === true;
  if (positionals.length === 0 && !help) {
    throw new LintUsageError(
      'no file given. Name Dockerfiles, Compose files or directories, for example: slipway lint .',
    );
  }
  return {
    paths: positionals,
    format: values.format === undefined ? undefined : oneOf('--format', values.format, FORMATS),
    failOn: values['fail-on'] === undefined ? undefined : level('--fail-on', values['fail-on']),
    maxWarnings: count('--max-warnings', values['max-warnings']),
    preset: values.preset === undefined ? undefined : oneOf('--preset', values.preset, PRESETS),
    rules: Object.fromEntries((values.rule ?? []).map(readRule)),
    config: values.config,
    buildArgs: Object.fromEntries((values['build-arg'] ?? []).flatMap((text) => readBuildArg(text, environment))),
    target: values.target,
    shellcheck: oneOf('--shellcheck', values.shellcheck ?? 'auto', ['auto', 'on', 'off']),
    fix: values.fix === true,
    stdinFilename: values['stdin-filename'],
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
        preset: { type: 'string' },
        rule: { type: 'string', multiple: true },
        config: { type: 'string' },
        'build-arg': { type: 'string', multiple: true },
        target: { type: 'string' },
        shellcheck: { type: 'string' },
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

function level(option: string, value: string): Level {
  const found = readLevel(value);
  if (found === undefined) {
    throw new LintUsageError(`${option} must be one of error, warning, information, hint, none, not '${value}'`);
  }
  return found;
}

function count(option: string, value: string | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(value)) throw new LintUsageError(`${option} must be a number, not '${value}'`);
  return Number(value);
}

function readRule(text: string): [string, Level] {
  const [id = '', name = ''] = text.split('=');
  const found = readLevel(name);
  if (id === '' || found === undefined) {
    throw new LintUsageError(`--rule must be ID=LEVEL with a level of ${LEVEL_NAMES.join(', ')}, not '${text}'`);
  }
  return [id, found];
}

/** As docker build: an argument that has no value anywhere is not given. */
function readBuildArg(text: string, environment: Readonly<Record<string, string | undefined>>): [string, string][] {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  if (name === '') throw new LintUsageError(`--build-arg must be NAME=VALUE, not '${text}'`);
  const value = equals === -1 ? environment[name] : text.slice(equals + 1);
  return value === undefined ? [] : [[name, value]];
}
