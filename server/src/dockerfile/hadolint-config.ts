/** `.hadolint.yaml`: what a project has agreed on already counts here too. */
import * as v from 'valibot';
import { parse } from 'yaml';
import { decodedOnce } from '../decoded-once.ts';
import type { Source } from '../language.ts';
import { folderOf } from '../paths.ts';
import type { Severity } from '#model/rules/rule.ts';

export type LabelType = 'text' | 'rawtext' | 'url' | 'rfc3339' | 'spdx' | 'hash' | 'semver' | 'email';

export interface HadolintConfig {
  /** Rule number -> severity, or off. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>;
  /** Undefined: all registries are trusted. */
  readonly trustedRegistries: readonly string[] | undefined;
  readonly labels: Readonly<Record<string, LabelType>>;
  /** Labels that are not in `labels` are too many. */
  readonly strictLabels: boolean;
  /** `# hadolint ignore=` counts for nothing. */
  readonly ignoresPragmas: boolean;
}

const NAMES = ['.hadolint.yaml', '.hadolint.yml'];
const MOST_FOLDERS = 10;

const STRINGS = v.fallback(v.array(v.string()), []);
/** One need not be in a list. */
const REGISTRIES = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((named) => (typeof named === 'string' ? [named] : named)),
);
const LABEL_TYPES: readonly LabelType[] = ['text', 'rawtext', 'url', 'rfc3339', 'spdx', 'hash', 'semver', 'email'];
const OVERRIDE = v.object({
  error: v.optional(STRINGS, []),
  warning: v.optional(STRINGS, []),
  info: v.optional(STRINGS, []),
  style: v.optional(STRINGS, []),
});
const TRUSTED = v.fallback(v.optional(REGISTRIES), undefined);
const LABELS = v.record(v.string(), v.fallback(v.picklist(LABEL_TYPES), 'text'));
const FLAG = v.fallback(v.optional(v.boolean(), false), false);
/** A key that cannot be read takes nothing from the others. */
const SHAPE = v.object({
  ignored: v.optional(STRINGS, []),
  override: v.fallback(v.optional(OVERRIDE, {}), () => v.parse(OVERRIDE, {})),
  trustedRegistries: TRUSTED,
  'trusted-registries': TRUSTED,
  'label-schema': v.fallback(v.optional(LABELS, {}), {}),
  'strict-labels': FLAG,
  'disable-ignore-pragma': FLAG,
});

const NOTHING: HadolintConfig = {
  rules: {},
  trustedRegistries: undefined,
  labels: {},
  strictLabels: false,
  ignoresPragmas: false,
};

/**
 * From the folder of the Dockerfile, or the nearest one above that has it; on the command line also from the user's own
 * (`$XDG_CONFIG_HOME/hadolint.yaml`, `~/.config/hadolint.yaml`, `~/.hadolint/hadolint.yaml`, `~/.hadolint.yaml`). Variables go first.
 */
export function readHadolintConfig(source: Source): HadolintConfig {
  const { config } = source;
  const text = config?.text ?? projectText(source) ?? userText(source);
  const read = text === undefined ? NOTHING : decode(text);
  return config === undefined ? read : withEnvironment(read, config.environment);
}

function projectText({ path, files }: Source): string | undefined {
  if (path === undefined) return undefined;
  let folder = folderOf(path);
  for (let i = 0; i < MOST_FOLDERS; i++) {
    const text = NAMES.map((name) => files.read(`${folder}/${name}`)).find((found) => found !== undefined);
    if (text !== undefined || folder === '') return text;
    folder = folderOf(folder);
  }
  return undefined;
}

function userText({ files, config }: Source): string | undefined {
  const home = config?.environment['HOME'];
  if (home === undefined || home === '') return undefined;
  const folders = [config?.environment['XDG_CONFIG_HOME'] ?? `${home}/.config`, `${home}/.hadolint`];
  const names = folders.flatMap((folder) => [`${folder}/hadolint.yaml`, `${folder}/hadolint.yml`]);
  return [...names, ...NAMES.map((name) => `${home}/${name}`)]
    .map((name) => files.read(name))
    .find((text) => text !== undefined);
}

type Environment = Readonly<Record<string, string | undefined>>;

function withEnvironment(config: HadolintConfig, environment: Environment): HadolintConfig {
  const list = (name: string): readonly string[] => (environment[`HADOLINT_${name}`] ?? '').split(',').filter(Boolean);
  const flag = (name: string): boolean | undefined => {
    const text = environment[`HADOLINT_${name}`];
    return text === undefined ? undefined : /^(?:1|y|yes|true|on)$/i.test(text);
  };
  const trusted = list('TRUSTED_REGISTRIES');
  const required = list('REQUIRE_LABELS').flatMap((entry): [string, LabelType][] => {
    const [name = '', type = 'text'] = entry.split(':');
    return [[name, LABEL_TYPES.find((known) => known === type) ?? 'text']];
  });
  return {
    rules: {
      ...config.rules,
      ...levelsOf({
        style: list('OVERRIDE_STYLE'),
        info: list('OVERRIDE_INFO'),
        warning: list('OVERRIDE_WARNING'),
        error: list('OVERRIDE_ERROR'),
        ignored: list('IGNORE'),
      }),
    },
    trustedRegistries: trusted.length > 0 ? trusted : config.trustedRegistries,
    labels: { ...config.labels, ...Object.fromEntries(required) },
    strictLabels: flag('STRICT_LABELS') ?? config.strictLabels,
    ignoresPragmas: flag('DISABLE_IGNORE_PRAGMA') ?? config.ignoresPragmas,
  };
}

interface RuleLists {
  readonly style: readonly string[];
  readonly info: readonly string[];
  readonly warning: readonly string[];
  readonly error: readonly string[];
  readonly ignored: readonly string[];
}

function levelsOf({ style, info, warning, error, ignored }: RuleLists): Record<string, Severity | 'off'> {
  const at = (names: readonly string[], severity: Severity | 'off') => names.map((name) => [name, severity] as const);
  return Object.fromEntries([
    ...at(style, 'hint'),
    ...at(info, 'information'),
    ...at(warning, 'warning'),
    ...at(error, 'error'),
    ...at(ignored, 'off'),
  ]);
}

const decode = decodedOnce((text): HadolintConfig => {
  const result = v.safeParse(SHAPE, tolerantParse(text));
  if (!result.success) return NOTHING;
  const { ignored, override, trustedRegistries, 'trusted-registries': trusted, ...labels } = result.output;
  return {
    rules: levelsOf({ ...override, ignored }),
    trustedRegistries: trustedRegistries ?? trusted,
    labels: labels['label-schema'],
    strictLabels: labels['strict-labels'],
    ignoresPragmas: labels['disable-ignore-pragma'],
  };
});

function tolerantParse(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    return {};
  }
}
