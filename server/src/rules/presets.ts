/** Which rules are on, and how serious they are, before any setting: as in the tool that a project comes from. */
import type { Level } from './levels.ts';
import type { Rule } from '#model/rules/rule.ts';

export const PRESETS = ['recommended', 'strict', 'buildkit', 'hadolint'] as const;
export type Preset = (typeof PRESETS)[number];

/** @param names the rule's id, and the aliases of one of its problems */
export function presetLevel(preset: Preset, rule: Rule<never>, names: readonly string[]): Level {
  switch (preset) {
    case 'recommended':
      return rule.off === true ? 'off' : rule.severity;
    case 'strict':
      return rule.severity;
    case 'buildkit':
      return levelIn(BUILDKIT, names) ?? fatalLevel(rule);
    case 'hadolint':
      return levelIn(HADOLINT, names) ?? (/^SC\d/.test(rule.id) ? rule.severity : fatalLevel(rule));
  }
}

/** A file that cannot be built is wrong for every tool. */
function fatalLevel({ fatal, severity }: Rule<never>): Level {
  return fatal === true ? severity : 'off';
}

function levelIn(levels: ReadonlyMap<string, Level>, names: readonly string[]): Level | undefined {
  for (const name of names) {
    const level = levels.get(name);
    if (level !== undefined) return level;
  }
  return undefined;
}

function levels(level: Level, names: string): [string, Level][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, level]);
}

/** BuildKit's 22 checks: warnings all, the experimental one asked for only. */
const BUILDKIT: ReadonlyMap<string, Level> = new Map([
  ...levels(
    'warning',
    `StageNameCasing FromAsCasing NoEmptyContinuation ConsistentInstructionCasing DuplicateStageName ReservedStageName
     JSONArgsRecommended MaintainerDeprecated UndefinedArgInFrom WorkdirRelativePath UndefinedVar
     MultipleInstructionsDisallowed LegacyKeyValueFormat InvalidBaseImagePlatform RedundantTargetPlatform
     SecretsUsedInArgOrEnv InvalidDefaultArgInFrom FromPlatformFlagConstDisallowed CopyIgnoredFile ExposeProtoCasing
     ExposeInvalidFormat`,
  ),
  ...levels('off', 'InvalidDefinitionDescription'),
]);

/** hadolint's own severities. */
const HADOLINT: ReadonlyMap<string, Level> = new Map([
  ...levels(
    'error',
    `DL1000 DL3000 DL3004 DL3011 DL3012 DL3020 DL3021 DL3023 DL3024 DL3026 DL3043 DL3044 DL3061 DL4000 DL4004`,
  ),
  ...levels(
    'warning',
    `DL3002 DL3003 DL3006 DL3007 DL3008 DL3013 DL3014 DL3016 DL3018 DL3022 DL3025 DL3027 DL3028 DL3029 DL3030 DL3032
     DL3033 DL3034 DL3035 DL3036 DL3037 DL3038 DL3040 DL3041 DL3042 DL3045 DL3046 DL3051 DL3052 DL3053 DL3054 DL3055
     DL3056 DL3058 DL3062 DL3063 DL3064 DL3065 DL3067 DL4001 DL4003 DL4005 DL4006`,
  ),
  ...levels('information', 'DL3001 DL3009 DL3010 DL3015 DL3019 DL3047 DL3049 DL3050 DL3059 DL3060 DL3066'),
  ...levels('hint', 'DL3048'),
  ...levels('off', 'DL1001 DL3057'),
]);
