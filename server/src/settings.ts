import * as v from 'valibot';
import { type Level, readLevel } from './rules/levels.ts';
import { type Preset, PRESETS } from './rules/presets.ts';

export interface Settings {
  /** Rule id (or alias) -> its severity, or off. */
  readonly rules: Readonly<Record<string, Level>>;
  readonly preset: Preset;
}

export const DEFAULT_SETTINGS: Settings = { rules: {}, preset: 'recommended' };

const LEVEL = v.pipe(
  v.string(),
  v.transform((text): Level => readLevel(text) ?? 'warning'),
);
const SHAPE = v.object({
  rules: v.optional(v.record(v.string(), v.fallback(LEVEL, 'warning')), {}),
  preset: v.optional(v.fallback(v.picklist(PRESETS), 'recommended'), 'recommended'),
});

/** Reads what an editor sends; what is not understood counts as not set. */
export function readSettings(value: unknown): Settings {
  const result = v.safeParse(SHAPE, value ?? {});
  return result.success ? result.output : DEFAULT_SETTINGS;
}
