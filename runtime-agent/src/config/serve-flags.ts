/** The flags of `slipway serve`: one per key of the configuration file, and a few of the command alone. */
import { parseArgs } from 'node:util';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.ts';
import { type ConfigValue, flagValue } from './config-value.ts';

export interface ServeFlags {
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** undefined: the default one, if it exists. */
  readonly configFile: string | undefined;
  /** Only check the configuration. */
  readonly validate: boolean;
}

const flagName = ({ key, flag = key }: ConfigKey): string => flag;

function options() {
  const ofKeys = CONFIG_KEYS.map((entry) => [
    flagName(entry),
    entry.kind === 'boolean' ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true as const },
  ]);
  return {
    ...Object.fromEntries(ofKeys),
    socket: { type: 'string' as const },
    'config-file': { type: 'string' as const },
    validate: { type: 'boolean' as const },
  };
}

/** `--debug=false` is how Docker's flags are switched off. */
function plainBooleans(args: readonly string[]): { readonly args: string[]; readonly off: string[] } {
  const booleans = new Set(CONFIG_KEYS.filter(({ kind }) => kind === 'boolean').map(({ key }) => key));
  const off: string[] = [];
  const kept = args.flatMap((arg) => {
    const [, name = '', text = ''] = /^--([^=]+)=(.*)$/.exec(arg) ?? [];
    if (!booleans.has(name)) return [arg === '-H' ? '--host' : arg === '-D' ? '--debug' : arg];
    if (flagValue('boolean', [text]) === true) return [`--${name}`];
    off.push(name);
    return [];
  });
  return { args: kept, off };
}

/** @param args the command line after `serve`. Throws EngineError('invalid') */
export function parseServeFlags(args: readonly string[]): ServeFlags {
  const values = new Map<string, ConfigValue>();
  let given: Record<string, string | boolean | readonly (string | boolean)[] | undefined>;
  try {
    const { args: plain, off } = plainBooleans(args);
    given = parseArgs({ args: plain, options: options() }).values;
    for (const name of off) values.set(name, false);
  } catch (error) {
    throw new EngineError('invalid', `${messageOf(error)}\nSee 'slipway serve --help'.`, { cause: error });
  }
  for (const entry of CONFIG_KEYS) {
    const value = given[flagName(entry)];
    if (value === undefined) continue;
    try {
      const texts = (Array.isArray(value) ? value : [value]) as readonly (string | boolean)[];
      values.set(entry.key, flagValue(entry.kind, texts.map(String)));
    } catch (error) {
      throw new EngineError('invalid', `--${flagName(entry)}: ${messageOf(error)}`, { cause: error });
    }
  }
  const { socket, validate } = given;
  if (typeof socket === 'string') {
    if (values.has('hosts')) throw new EngineError('invalid', '--socket PATH is --host unix://PATH: give one of them');
    values.set('hosts', [socket]);
  }
  const configFile = given['config-file'];
  return { values, configFile: typeof configFile === 'string' ? configFile : undefined, validate: validate === true };
}

/** The flags for `slipway serve --help`. */
export function serveHelp(): string {
  return CONFIG_KEYS.map((entry) => {
    const value = entry.kind === 'boolean' ? '' : ' VALUE';
    return `  --${`${flagName(entry)}${value}`.padEnd(32)}${entry.help}\n`;
  }).join('');
}
