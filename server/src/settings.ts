import * as v from 'valibot';
import type { Severity } from './rules/rule.ts';

export interface Settings {
  /** Rule id (or alias) -> its severity, or off. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>;
}

export const DEFAULT_SETTINGS: Settings = { rules: {} };

const LEVELS = v.picklist(['error', 'warning', 'information', 'hint', 'off']);
const SHAPE = v.object({ rules: v.optional(v.record(v.string(), v.fallback(LEVELS, 'warning')), {}) });

/** Reads what an editor sends; what is not understood counts as not set. */
export function readSettings(value: unknown): Settings {
  const result = v.safeParse(SHAPE, value ?? {});
  return result.success ? result.output : DEFAULT_SETTINGS;
}
