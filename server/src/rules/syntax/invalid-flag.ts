import { messageOf } from '#model/engine-api/errors.ts';
import { expandText } from '#model/dockerfile/expand.ts';
import { nearGlobalArg } from '#model/dockerfile/near-global-arg.ts';
import { PLATFORM_ARGS } from '#model/dockerfile/predefined-args.ts';
import { readsNoFlags } from '#model/dockerfile/reads-no-flags.ts';
import { valueBefore } from '#model/dockerfile/values.ts';
import { parsePlatform } from '#model/oci/platform.ts';
import { copyParts, isContextPath } from '#model/dockerfile/copy-sources.ts';
import type { Flag, Instruction } from '#model/dockerfile/syntax/tree.ts';
import { flagInfo, type FlagInfo } from '../../dockerfile/flags.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { instructionRule } from '../instruction-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

const inInstructions = instructionRule({
  id: 'InvalidFlag',
  severity: 'error',
  fatal: true,
  title: 'A flag stands once and has a value of its kind',
  concerns: ({ flags }) => flags.length > 0,
  *checkInstruction(instruction) {
    if (readsNoFlags(instruction)) return;
    const seen = new Set<string>();
    for (const flag of instruction.flags) {
      const info = flagInfo(instruction.keyword, flag.name);
      if (info === undefined) continue;
      const problem = problemOf(instruction, flag, info, seen.has(flag.name));
      if (problem !== undefined) yield problem;
      seen.add(flag.name);
    }
  },
});

export const invalidFlag: DockerfileRule = {
  ...inInstructions,
  *check(document) {
    yield* inInstructions.check(document);
    for (const { from, platform } of document.stages) {
      if (platform?.value === undefined || platform.valueSpan === undefined || !platform.value.includes('$')) continue;
      const message = platformWithVariables(document, from, platform.value);
      if (message !== undefined) yield { span: platform.valueSpan, message };
    }
  },
};

/** Undefined also where an ARG without a value is meant to be given one. */
function platformWithVariables(document: DockerfileDocument, from: Instruction, text: string): string | undefined {
  const { variables, escape } = document;
  const values = valueBefore(document, from, undefined);
  const declared = new Set(variables.usesIn(from).flatMap(({ name, definition }) => (definition ? [name] : [])));
  const lookup = (name: string) => values(name) ?? (PLATFORM_ARGS.has(name) ? exampleOf(name) : undefined);
  const { value, unset, error } = expandText(text, lookup, { escape });
  if (error !== undefined || unset.some((name) => declared.has(name))) return undefined;
  const written = unquoted(text);
  const problem = value === '' ? `empty platform value from expression ${written}` : platformProblem(value, written);
  const near = unset.map((name) => nearGlobalArg(variables, name)).find((name) => name !== undefined);
  return problem === undefined || near === undefined ? problem : `${problem} (did you mean ${near}?)`;
}

/** What the builder gives it, for example. */
function exampleOf(platformArg: string): string {
  if (platformArg.endsWith('PLATFORM')) return 'linux/amd64';
  return platformArg.endsWith('OS') ? 'linux' : 'amd64';
}

function unquoted(text: string): string {
  return text.replaceAll(/^["']|["']$/g, '');
}

function problemOf(instruction: Instruction, flag: Flag, info: FlagInfo, again: boolean): Problem | undefined {
  const { keyword } = instruction;
  const { name, span, nameSpan, value, valueSpan } = flag;
  if (again && info.type !== 'list') return { span: nameSpan, message: `duplicate flag specified: --${name}` };
  const needsValue = info.type !== 'boolean' || valueSpan !== undefined;
  if (value === undefined || valueSpan === undefined || value === '') {
    return needsValue ? { span, message: `missing a value on flag: --${name}` } : undefined;
  }
  if (info.type === 'boolean' && !/^"?(?:true|false)"?$/i.test(value)) {
    return { span: valueSpan, message: `expecting boolean value for flag --${name}, not: ${value}` };
  }
  if (keyword === 'RUN' && (name === 'network' || name === 'security') && info.values?.includes(value) === false) {
    const what = name === 'network' ? 'network mode' : 'security mode';
    return { span: valueSpan, message: `invalid ${what} ${JSON.stringify(value)}` };
  }
  const message = VALUE_CHECKS[`${keyword} ${name}`]?.(value, instruction);
  return message === undefined ? undefined : { span: valueSpan, message };
}

type ValueCheck = (value: string, instruction: Instruction) => string | undefined;

const VALUE_CHECKS: Readonly<Record<string, ValueCheck>> = {
  'COPY chmod': checkMode,
  'ADD chmod': checkMode,
  'ADD checksum': checkChecksum,
  'FROM platform': checkPlatform,
};

/** Octal, or symbolic as for chmod(1). */
function checkMode(value: string): string | undefined {
  if (value.includes('$') || /^[ugoa]*[-+=][rwxXst]*(?:,[ugoa]*[-+=][rwxXst]*)*$/.test(value)) return undefined;
  if (/^[0-7]+$/.test(value) && Number.parseInt(value, 8) <= 0o7777) return undefined;
  return `invalid chmod parameter: '${value}'. it should be octal string and between 0 and 07777`;
}

function checkChecksum(value: string, instruction: Instruction): string | undefined {
  if (value.includes('$')) return undefined;
  const { sources, destination } = copyParts(instruction);
  const isLocal = sources.every(({ text }) => isContextPath(text) && !text.includes('$'));
  if (destination !== undefined && isLocal) return 'checksum requires HTTP(S) or Git sources';
  return sources.some(({ text }) => /^https?:/.test(text) && !/\.git(?:#|$)/.test(text))
    ? digestProblem(value)
    : undefined;
}

const DIGEST_HEX: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/** As go-digest says it. */
function digestProblem(value: string): string | undefined {
  const [, algorithm = '', hex = ''] = /^([a-z0-9]+(?:[.+_-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/.exec(value) ?? [];
  if (hex === '') return 'invalid checksum digest format';
  const length = DIGEST_HEX.get(algorithm);
  if (length === undefined) return 'unsupported digest algorithm';
  if (hex.length !== length) return 'invalid checksum digest length';
  return /^[a-f0-9]+$/.test(hex) ? undefined : 'invalid checksum digest format';
}

function checkPlatform(value: string): string | undefined {
  const plain = unquoted(value);
  return plain.includes('$') ? undefined : platformProblem(plain, plain);
}

function platformProblem(platform: string, written: string): string | undefined {
  try {
    parsePlatform(platform, { os: 'linux', architecture: 'amd64' });
    return undefined;
  } catch (error) {
    return `failed to parse platform ${written}: ${messageOf(error)}`;
  }
}
