/** `.hadolint.yaml`: what a project has agreed on already counts here too. */
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Source } from '../language.ts';
import { folderOf } from '../paths.ts';
import type { Severity } from '../rules/rule.ts';

export type LabelType = 'text' | 'rawtext' | 'url' | 'rfc3339' | 'spdx' | 'hash' | 'semver' | 'email';

export interface HadolintConfig {
  /** Rule number -> severity, or off. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>;
  /** Undefined: all registries are trusted. */
  readonly trustedRegistries: readonly string[] | undefined;
  readonly labels: Readonly<Record<string, LabelType>>;
  /** Labels that are not in `labels` are too many. */
  readonly strictLabels: boolean;
}

const NAMES = ['.hadolint.yaml', '.hadolint.yml'];
const MOST_FOLDERS = 10;

const STRINGS = v.fallback(v.array(v.string()), []);
const LABEL_TYPES: readonly LabelType[] = ['text', 'rawtext', 'url', 'rfc3339', 'spdx', 'hash', 'semver', 'email'];
const SHAPE = v.object({
  ignored: v.optional(STRINGS, []),
  override: v.optional(
    v.object({
      error: v.optional(STRINGS, []),
      warning: v.optional(STRINGS, []),
      info: v.optional(STRINGS, []),
      style: v.optional(STRINGS, []),
    }),
    {},
  ),
  trustedRegistries: v.optional(v.array(v.string())),
  'label-schema': v.optional(v.record(v.string(), v.fallback(v.picklist(LABEL_TYPES), 'text')), {}),
  'strict-labels': v.optional(v.boolean(), false),
});

const NOTHING: HadolintConfig = { rules: {}, trustedRegistries: undefined, labels: {}, strictLabels: false };

/** From the folder of the Dockerfile, or the nearest one above that has it. */
export function readHadolintConfig({ path, files }: Source): HadolintConfig {
  if (path === undefined) return NOTHING;
  let folder = folderOf(path);
  for (let i = 0; i < MOST_FOLDERS; i++) {
    const text = NAMES.map((name) => files.read(`${folder}/${name}`)).find((found) => found !== undefined);
    if (text !== undefined) return decode(text);
    if (folder === '') break;
    folder = folderOf(folder);
  }
  return NOTHING;
}

function decode(text: string): HadolintConfig {
  const result = v.safeParse(SHAPE, tolerantParse(text));
  if (!result.success) return NOTHING;
  const { ignored, override, trustedRegistries, ...labels } = result.output;
  const at = (names: readonly string[], severity: Severity | 'off') => names.map((name) => [name, severity] as const);
  return {
    rules: Object.fromEntries([
      ...at(override.style, 'hint'),
      ...at(override.info, 'information'),
      ...at(override.warning, 'warning'),
      ...at(override.error, 'error'),
      ...at(ignored, 'off'),
    ]),
    trustedRegistries,
    labels: labels['label-schema'],
    strictLabels: labels['strict-labels'],
  };
}

function tolerantParse(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    return {};
  }
}
