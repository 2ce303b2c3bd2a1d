/** Where in an instruction variables stand, and who replaces them: the builder, or the shell that runs the command. */
import { append } from '#model/text/append.ts';
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { DockerfileTree, Instruction } from '#model/dockerfile/syntax/tree.ts';
import { readVariable, readWord, variablesIn, type WordPart } from '#model/dockerfile/syntax/variables.ts';
import { splitQuoted } from '#model/dockerfile/syntax/words.ts';
import { type Span, spanOf } from '#model/text/span.ts';

export interface VariableSite {
  readonly name: string;
  /** `$name` or `${name…}`. */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly by: 'builder' | 'shell';
}

/** Instructions whose words the builder expands. */
export const EXPANDED_BODY: ReadonlySet<string> = new Set([
  'ADD',
  'ARG',
  'COPY',
  'ENV',
  'EXPOSE',
  'FROM',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
const SHELL_BODY: ReadonlySet<string> = new Set(['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK']);
/** Flags whose values the builder expands. */
export const EXPANDED_FLAGS: ReadonlySet<string> = new Set([
  'platform',
  'chown',
  'chmod',
  'checksum',
  'mount',
  'exclude',
]);

/** The variables of an instruction's text, where it stood at `start`. */
export interface KnownSites {
  readonly start: number;
  readonly sites: readonly VariableSite[];
}

/** @param facts where they are kept once they are found */
export function knownSites(
  instruction: Instruction,
  facts: { variables?: KnownSites },
  { text, escape }: DockerfileTree,
): readonly VariableSite[] {
  const { start } = instruction.span;
  const known = (facts.variables ??= { start, sites: variableSites(instruction, text, escape) });
  const by = start - known.start;
  return by === 0 ? known.sites : known.sites.map((site) => moved(site, by));
}

function moved(site: VariableSite, by: number): VariableSite {
  const { span, nameSpan } = site;
  return {
    ...site,
    span: spanOf(span.start + by, span.end + by),
    nameSpan: spanOf(nameSpan.start + by, nameSpan.end + by),
  };
}

function variableSites(instruction: Instruction, text: string, escape: string): VariableSite[] {
  if (instruction.trigger !== undefined) {
    return variableSites(instruction.trigger, text, escape).map((site) => ({ ...site, by: 'shell' }));
  }
  const sites: VariableSite[] = [];
  const { joined, bodyStart, bodyEnd, keyword } = instruction;
  if (joined.text.includes('$')) {
    for (const flag of instruction.flags) {
      if (flag.valueSpan === undefined || !EXPANDED_FLAGS.has(flag.name)) continue;
      append(sites, inSource(text, flag.valueSpan, escape, 'builder'));
    }
    if (keyword === 'ARG') append(sites, inArgValues(instruction, escape));
    else if (EXPANDED_BODY.has(keyword)) append(sites, inBody(instruction, bodyStart, bodyEnd, escape, 'builder'));
    else if (SHELL_BODY.has(keyword)) append(sites, inBody(instruction, bodyStart, bodyEnd, escape, 'shell'));
  }
  for (const heredoc of instruction.heredocs) {
    if (heredoc.expand)
      append(sites, inHeredoc(text, heredoc.content, escape, keyword === 'RUN' ? 'shell' : 'builder'));
  }
  return sites;
}

function inBody(
  { joined }: Instruction,
  start: number,
  end: number,
  escape: string,
  by: VariableSite['by'],
): VariableSite[] {
  return [...variablesIn(readWord(joined.text, start, end, escape))].map((part) => ({
    name: part.name,
    span: sourceSpan(joined, part.start, part.end),
    nameSpan: sourceSpan(joined, part.nameStart, part.nameStart + part.name.length),
    by,
  }));
}

/** The names themselves are not expanded. */
function inArgValues(instruction: Instruction, escape: string): VariableSite[] {
  return splitQuoted(instruction.joined, instruction.bodyStart, instruction.bodyEnd, escape).flatMap(({ text, at }) => {
    const equals = text.indexOf('=');
    return equals === -1 ? [] : inBody(instruction, at + equals + 1, at + text.length, escape, 'builder');
  });
}

function inSource(text: string, span: Span, escape: string, by: VariableSite['by']): VariableSite[] {
  return [...variablesIn(readWord(text, span.start, span.end, escape))].map((part) => ({
    name: part.name,
    span: spanOf(part.start, part.end),
    nameSpan: spanOf(part.nameStart, part.nameStart + part.name.length),
    by,
  }));
}

function inHeredoc(text: string, content: Span, escape: string, by: VariableSite['by']): VariableSite[] {
  return partsOfHeredoc(text, content, escape).flatMap((part) => {
    if (part.kind !== 'variable') return [];
    const { name, start, end, nameStart } = part;
    return [{ name, span: spanOf(start, end), nameSpan: spanOf(nameStart, nameStart + name.length), by }];
  });
}

/**
 * The variables of a heredoc's content, up to the first substitution that is wrong. Quotes mean nothing there; an escaped
 * `$` is no variable.
 */
export function partsOfHeredoc(text: string, content: Span, escape: string): WordPart[] {
  const parts: WordPart[] = [];
  for (let at = text.indexOf('$', content.start); at !== -1 && at < content.end; at = text.indexOf('$', at + 1)) {
    if (text[at - 1] === escape) continue;
    const part = readVariable(text, at, content.end, escape);
    if (part.kind !== 'text') parts.push(part);
    if (part.kind === 'bad') break;
  }
  return parts;
}
