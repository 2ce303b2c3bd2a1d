import type { Severity } from '#model/rules/rule.ts';

export type Level = Severity | 'off';

/** How people and other linters write levels: hadolint says `info`, `style` and `ignore`, dclint 0, 1 and 2. */
const LEVELS: Readonly<Record<string, Level>> = {
  error: 'error',
  warning: 'warning',
  warn: 'warning',
  information: 'information',
  info: 'information',
  hint: 'hint',
  style: 'hint',
  note: 'hint',
  off: 'off',
  none: 'off',
  ignore: 'off',
};

export const LEVEL_NAMES: readonly Level[] = ['error', 'warning', 'information', 'hint', 'off'];

/** Undefined for what is no level. */
export function readLevel(text: string): Level | undefined {
  return LEVELS[text.toLowerCase()];
}

const RANKS: Readonly<Record<Level, number>> = { off: 0, hint: 1, information: 2, warning: 3, error: 4 };

/** Higher is more serious. */
export function severityRank(level: Level): number {
  return RANKS[level];
}
