/** `.dclintrc`: what a project has agreed on already counts here too. Forms that are programs (`.js`) are not run. */
import * as v from 'valibot';
import { parse } from 'yaml';
import { decodedOnce } from '../decoded-once.ts';
import type { Source } from '../language.ts';
import { folderOf } from '../paths.ts';
import { type Level, readLevel } from '../rules/levels.ts';

export interface DclintConfig {
  /** Rule name -> severity, or off. */
  readonly rules: Readonly<Record<string, Level>>;
  /** Rule name -> its options, as they are written. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names and paths of files and folders that a search leaves out. */
  readonly exclude: readonly string[];
  /** On the command line only errors are told. */
  readonly quiet: boolean;
}

const NAMES = [
  '.dclintrc',
  '.dclintrc.json',
  '.dclintrc.yaml',
  '.dclintrc.yml',
  '.config/dclintrc',
  '.config/dclintrc.json',
  '.config/dclintrc.yaml',
  '.config/dclintrc.yml',
];
const MOST_FOLDERS = 10;
const NUMBERS: readonly Level[] = ['off', 'warning', 'error'];

const SHAPE = v.object({
  rules: v.optional(v.record(v.string(), v.unknown()), {}),
  exclude: v.fallback(v.optional(v.array(v.string()), []), []),
  quiet: v.fallback(v.optional(v.boolean(), false), false),
});
const PACKAGE = v.object({ dclint: SHAPE });
const NOTHING: DclintConfig = { rules: {}, options: {}, exclude: [], quiet: false };

/** From the folder of the Compose file, or the nearest one above that has it; `package.json` may hold it under `dclint`. */
export function readDclintConfig({ path, files, config }: Pick<Source, 'path' | 'files' | 'config'>): DclintConfig {
  if (config?.text !== undefined) return decodeText(config.text);
  if (path === undefined) return NOTHING;
  let folder = folderOf(path);
  for (let i = 0; i < MOST_FOLDERS; i++) {
    const text = NAMES.map((name) => files.read(`${folder}/${name}`)).find((found) => found !== undefined);
    if (text !== undefined) return decodeText(text);
    const manifest = files.read(`${folder}/package.json`);
    const own = manifest?.includes('"dclint"') === true ? v.safeParse(PACKAGE, tolerantParse(manifest)) : undefined;
    if (own?.success === true) return decode(own.output.dclint);
    if (folder === '') break;
    folder = folderOf(folder);
  }
  return NOTHING;
}

function decode(value: unknown): DclintConfig {
  const result = v.safeParse(SHAPE, value);
  if (!result.success) return NOTHING;
  const rules: Record<string, Level> = {};
  const options: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(result.output.rules)) {
    const [level, own]: unknown[] = Array.isArray(setting) ? setting : [setting];
    const found = typeof level === 'number' ? NUMBERS[level] : typeof level === 'string' ? readLevel(level) : undefined;
    if (found !== undefined) rules[name] = found;
    if (own !== undefined) options[name] = own;
  }
  const { exclude, quiet } = result.output;
  return { rules, options, exclude, quiet };
}

const decodeText = decodedOnce((text) => decode(tolerantParse(text)));

function tolerantParse(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    return {};
  }
}
