/** Instruction -> command: arguments counted, forms told apart, flags read. What BuildKit refuses is an `error`. */
import type { Span } from '../text/span.ts';
import { suggest } from '../text/suggest.ts';
import type { Command, Keyword, Pair } from './commands.ts';
import { decodeCopy } from './decode-copy.ts';
import { DecodeError, type DecodeStage } from './decode-error.ts';
import { decodeHealthcheck } from './decode-healthcheck.ts';
import { decodeRun } from './decode-run.ts';
import { commandLine, type InstructionArguments, wordsOrJson } from './instruction-arguments.ts';
import { checkFlags } from './instruction-flags.ts';
import { bodyOf, bodySpan } from './syntax/joined-text.ts';
import type { Instruction } from './syntax/tree.ts';
import { splitQuoted } from './syntax/words.ts';

export type Decoded =
  | { readonly command: Command; readonly error?: undefined }
  | { readonly error: string; readonly span: Span; readonly stage: DecodeStage };

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;
const NOT_IN_ONBUILD: readonly string[] = ['FROM', 'MAINTAINER'];

/** @param text the Dockerfile that the instruction is from */
export function decodeInstruction(instruction: Instruction, text: string, escape: '\\' | '`'): Decoded {
  if (!isKeyword(instruction.keyword)) {
    const { name } = instruction;
    const known = suggest(name, Object.keys(DECODERS));
    const near = name === name.toUpperCase() ? known : known?.toLowerCase();
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    return { error: `unknown instruction: ${name}${hint}`, span: instruction.nameSpan, stage: 'instruction' };
  }
  const checked = checkFlags(instruction);
  if (checked.error !== undefined) return { error: checked.error, span: checked.flag.span, stage: 'instruction' };
  if (instruction.jsonHasOtherThanStrings) {
    const error = 'when using JSON array syntax, arrays must be comprised of strings only';
    return { error, span: bodySpan(instruction), stage: 'syntax' };
  }
  const body = bodyOf(instruction).trim();
  try {
    const source = { instruction, text, escape, flags: checked.flags, body };
    return { command: DECODERS[instruction.keyword](source) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const span = body === '' ? instruction.headSpan : bodySpan(instruction);
    return { error: error.message, span, stage: error.stage };
  }
}

const DECODERS: Readonly<Record<Keyword, (source: InstructionArguments) => Command>> = {
  FROM: decodeFrom,
  ARG: decodeArg,
  ENV: (source) => ({ kind: 'ENV', pairs: pairsOf(source, 'ENV') }),
  LABEL: (source) => ({ kind: 'LABEL', pairs: pairsOf(source, 'LABEL') }),
  RUN: decodeRun,
  COPY: (source) => decodeCopy(source, 'COPY'),
  ADD: (source) => decodeCopy(source, 'ADD'),
  HEALTHCHECK: decodeHealthcheck,
  CMD: (source) => ({ kind: 'CMD', command: commandLine(source) }),
  ENTRYPOINT: (source) => ({ kind: 'ENTRYPOINT', command: commandLine(source) }),
  SHELL: decodeShell,
  EXPOSE: (source) => ({ kind: 'EXPOSE', values: atLeastOne(source, words(source)) }),
  VOLUME: decodeVolume,
  USER: (source) => ({ kind: 'USER', value: onlyArgument(source) }),
  WORKDIR: (source) => ({ kind: 'WORKDIR', value: onlyArgument(source) }),
  STOPSIGNAL: (source) => ({ kind: 'STOPSIGNAL', value: onlyArgument(source) }),
  MAINTAINER: (source) => ({ kind: 'MAINTAINER', value: onlyArgument(source) }),
  ONBUILD: decodeOnbuild,
};

function isKeyword(word: string): word is Keyword {
  return Object.hasOwn(DECODERS, word);
}

function onlyArgument({ instruction, body }: InstructionArguments): string {
  if (body === '') throw new DecodeError(`${instruction.keyword} requires exactly one argument`);
  return body;
}

function atLeastOne({ instruction }: InstructionArguments, values: readonly string[]): readonly string[] {
  if (values.length === 0) throw new DecodeError(`${instruction.keyword} requires at least one argument`);
  return values;
}

function decodeFrom(source: InstructionArguments): Command {
  const [image, as, name, ...more] = source.instruction.words.map((word) => word.text);
  if (
    image === undefined ||
    more.length > 0 ||
    (as !== undefined && (as.toLowerCase() !== 'as' || name === undefined))
  ) {
    throw new DecodeError('FROM requires either one or three arguments');
  }
  const stage = name?.toLowerCase();
  if (stage !== undefined && !STAGE_NAME.test(stage)) {
    const rule = "name can't start with a number or contain symbols";
    throw new DecodeError(`invalid name for build stage: ${JSON.stringify(name)}, ${rule}`);
  }
  const platform = source.flags.string('platform');
  return {
    kind: 'FROM',
    image,
    ...(platform === undefined ? {} : { platform }),
    ...(stage === undefined ? {} : { name: stage }),
  };
}

function quotedWords({ instruction, escape }: InstructionArguments): string[] {
  const { joined, bodyStart, bodyEnd } = instruction;
  return splitQuoted(joined, bodyStart, bodyEnd, escape).map((word) => word.text);
}

function decodeArg(source: InstructionArguments): Command {
  const args = atLeastOne(source, quotedWords(source)).map((word) => {
    const equals = word.indexOf('=');
    if (equals === 0) throw new DecodeError('ARG names can not be blank');
    return equals === -1 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  return { kind: 'ARG', args };
}

function pairsOf(source: InstructionArguments, keyword: 'ENV' | 'LABEL'): Pair[] {
  const words = quotedWords(source);
  const [first] = words;
  if (first === undefined) throw new DecodeError(`${keyword} requires at least one argument`);
  if (!first.includes('=')) {
    const match = /^(\S+)\s+([^]*)$/.exec(source.body);
    if (match === null) throw new DecodeError(`${keyword} must have two arguments`, 'syntax');
    return [{ name: match[1] ?? '', value: match[2] ?? '', legacy: true }];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === -1) {
      throw new DecodeError(`Syntax error - can't find = in "${word}". Must be of the form: name=value`, 'syntax');
    }
    if (equals === 0) throw new DecodeError(`${keyword} names can not be blank`);
    return { name: word.slice(0, equals), value: word.slice(equals + 1), legacy: false };
  });
}

function decodeShell({ instruction, body }: InstructionArguments): Command {
  const argv = body === '' ? [] : instruction.json?.items.map((item) => item.text);
  if (argv === undefined) throw new DecodeError('SHELL requires the arguments to be in JSON form');
  if (argv.length === 0) throw new DecodeError('SHELL requires at least one argument');
  return { kind: 'SHELL', argv };
}

/** EXPOSE has no JSON form. */
function words({ instruction }: InstructionArguments): readonly string[] {
  return instruction.words.map(({ text }) => text);
}

function decodeVolume(source: InstructionArguments): Command {
  const values = atLeastOne(source, wordsOrJson(source)).map((value) => value.trim());
  if (values.includes('')) throw new DecodeError('VOLUME specified can not be an empty string');
  return { kind: 'VOLUME', values };
}

function decodeOnbuild({ instruction, text }: InstructionArguments): Command {
  const { trigger } = instruction;
  if (trigger === undefined) throw new DecodeError('ONBUILD requires at least one argument');
  if (trigger.keyword === 'ONBUILD') throw new DecodeError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (NOT_IN_ONBUILD.includes(trigger.keyword)) {
    throw new DecodeError(`${trigger.keyword} isn't allowed as an ONBUILD trigger`);
  }
  const line = instruction.joined.text.trim().replace(/^\S+\s+/, '');
  const documents = instruction.heredocs.map((doc) => `\n${text.slice(doc.content.start, doc.terminator?.end)}`);
  return { kind: 'ONBUILD', trigger: line + documents.join('') };
}
