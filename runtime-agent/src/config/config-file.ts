/** Reads a configuration file. Every complaint names the file, the line and the key. */
import { readFileSync } from 'node:fs';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { suggest } from '#model/text/suggest.ts';
import { CONFIG_KEYS, IGNORED_KEYS, PROXIES_KEY, PROXY_KEYS, REFUSED_KEYS } from './config-keys.ts';
import { type ConfigValue, configValue } from './config-value.ts';

export interface ConfigFile {
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** What is accepted without effect, one line each. */
  readonly warnings: readonly string[];
  /** `FILE:LINE: KEY` of a key that the file has. */
  place(key: string): string;
}

/** @returns undefined when there is no such file */
export function readConfigFile(file: string): ConfigFile | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new EngineError('invalid', `cannot read the configuration file ${file}: ${messageOf(cause)}`, { cause });
  }
  return parseConfigFile(file, text);
}

/** Throws EngineError('invalid') with all that is wrong, one line each. */
export function parseConfigFile(file: string, text: string): ConfigFile {
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const first = errors[0];
  if (text.trim() === '') return { values: new Map(), warnings: [], place: (key) => `${file}: ${key}` };
  if (first !== undefined || tree?.type !== 'object') {
    const what = first === undefined ? 'expected an object' : `not JSON: ${printParseErrorCode(first.error)}`;
    throw new EngineError('invalid', `${file}:${lineAt(first?.offset ?? 0)}: ${what}`);
  }
  const place = (key: string): string => {
    const node = findNodeAtLocation(tree, PROXY_KEYS.includes(key) ? [PROXIES_KEY, key] : [key]);
    return node === undefined ? `${file}: ${key}` : `${file}:${lineAt(node.parent?.offset ?? 0)}: ${key}`;
  };
  const values = new Map<string, ConfigValue>();
  const warnings: string[] = [];
  const problems: string[] = [];
  const { [PROXIES_KEY]: proxies, ...others } = plain(tree);
  const given = { ...others, ...(isProxies(proxies) ? proxies : {}) };
  if (proxies !== undefined && !isProxies(proxies)) {
    problems.push(`${place(PROXIES_KEY)}: expected an object with ${PROXY_KEYS.join(', ')}`);
  }
  for (const key of PROXY_KEYS.filter((one) => one in others)) {
    problems.push(`${file}: ${key}: belongs into ${JSON.stringify(PROXIES_KEY)}, as {"${PROXIES_KEY}": {"${key}": …}}`);
    delete given[key];
  }
  for (const key of Object.keys(given)) {
    const known = CONFIG_KEYS.find((entry) => entry.key === key);
    const ignored = IGNORED_KEYS[key];
    if (known !== undefined) {
      try {
        values.set(key, configValue(known.kind, given[key]));
      } catch (error) {
        problems.push(`${place(key)}: ${messageOf(error)}`);
      }
    } else if (ignored !== undefined) warnings.push(`${place(key)} has no effect: ${ignored}`);
    else if (REFUSED_KEYS.includes(key)) problems.push(`${place(key)}: dockerd's, but not supported by this engine`);
    else problems.push(`${place(key)}: ${unknown(key)}`);
  }
  if (problems.length > 0) throw new EngineError('invalid', problems.join('\n'));
  return { values, warnings, place };
}

function isProxies(value: unknown): value is Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).every((key) => PROXY_KEYS.includes(key));
}

function unknown(key: string): string {
  const like = suggest(
    key,
    CONFIG_KEYS.map((entry) => entry.key),
  );
  return like === undefined ? 'there is no such key' : `there is no such key; did you mean ${JSON.stringify(like)}?`;
}

function plain(tree: Node): Record<string, unknown> {
  const value = (node: Node): unknown => {
    if (node.type === 'object') return plain(node);
    if (node.type === 'array') return (node.children ?? []).map(value);
    return node.value as unknown;
  };
  return Object.fromEntries(
    (tree.children ?? []).map(({ children = [] }) => [
      String(children[0]?.value),
      children[1] === undefined ? undefined : value(children[1]),
    ]),
  );
}
