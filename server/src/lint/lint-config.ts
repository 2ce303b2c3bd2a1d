/** What the command line, the environment and configuration files say together: the first has the last word. */
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Files } from '../files.ts';
import type { ConfigSource } from '../language.ts';
import { type Level, readLevel } from '../rules/levels.ts';
import { type Preset, PRESETS } from '../rules/presets.ts';
import type { Settings } from '../settings.ts';
import type { LintOptions } from './options.ts';
import { type Format, FORMATS } from './report.ts';
import { LintUsageError } from './usage-error.ts';

export interface LintConfig {
  readonly settings: Settings;
  readonly format: Format;
  readonly failOn: Level;
  readonly source: ConfigSource;
}

type Environment = Readonly<Record<string, string | undefined>>;

const TEXT = v.fallback(v.optional(v.string()), undefined);
const FLAG = v.fallback(v.optional(v.boolean()), undefined);
/** Keys that decide about the run; the rest is for the rules. */
const SHAPE = v.object({
  preset: v.optional(v.picklist(PRESETS)),
  rules: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
  format: TEXT,
  'output-format': TEXT,
  'failure-threshold': TEXT,
  'no-fail': FLAG,
});

/** @param files where `--config` and, without it, the working directory's `.hadolint.yaml` are read */
export function readLintConfig(options: LintOptions, environment: Environment, files: Files): LintConfig {
  const text = options.config === undefined ? undefined : files.read(options.config);
  if (options.config !== undefined && text === undefined) {
    throw new LintUsageError(`cannot read ${options.config}, which --config names`);
  }
  const run = decode(text ?? files.read('.hadolint.yaml') ?? files.read('.hadolint.yml') ?? '', options.config);
  const ownRules = text === undefined ? {} : namedLevels(run.rules ?? {});
  return {
    settings: { rules: { ...ownRules, ...options.rules }, preset: presetOf(options, run.preset, text) },
    format: options.format ?? formatOf(environment['HADOLINT_FORMAT'] ?? run.format ?? run['output-format']),
    failOn: options.failOn ?? thresholdOf(environment, run),
    source: { text, environment },
  };
}

function presetOf(options: LintOptions, fromFile: Preset | undefined, text: string | undefined): Preset {
  return options.preset ?? (text === undefined ? undefined : fromFile) ?? 'recommended';
}

function decode(text: string, name: string | undefined): v.InferOutput<typeof SHAPE> {
  try {
    return v.parse(SHAPE, parse(text) ?? {});
  } catch (error) {
    if (name === undefined) return v.parse(SHAPE, {}); // found, not asked for
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new LintUsageError(`${name} is not a configuration: ${reason}`, { cause: error });
  }
}

/** Of a rule's options, which stand behind its level in an array, the rule itself takes care. */
function namedLevels(rules: Readonly<Record<string, unknown>>): Record<string, Level> {
  const levels: Record<string, Level> = {};
  for (const [name, value] of Object.entries(rules)) {
    const [first]: unknown[] = Array.isArray(value) ? value : [value];
    const level = typeof first === 'string' ? readLevel(first) : undefined;
    if (level !== undefined) levels[name] = level;
  }
  return levels;
}

/** hadolint's formats that are not among ours are for people or for services: text. */
function formatOf(name: string | undefined): Format {
  return FORMATS.find((format) => format === name) ?? 'text';
}

function thresholdOf(environment: Environment, run: v.InferOutput<typeof SHAPE>): Level {
  const noFail = environment['HADOLINT_NOFAIL'];
  const isNoFail = noFail === undefined ? run['no-fail'] === true : /^(?:1|true|y|yes|on)$/i.test(noFail);
  if (isNoFail) return 'off';
  const name = environment['HADOLINT_FAILURE_THRESHOLD'] ?? run['failure-threshold'];
  return (name === undefined ? undefined : readLevel(name)) ?? 'error';
}
