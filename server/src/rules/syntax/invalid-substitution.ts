import { expandText, type Lookup } from '#model/dockerfile/expand.ts';
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { badPartsIn, readWord } from '#model/dockerfile/syntax/variables.ts';
import { EXPANDED_BODY, EXPANDED_FLAGS, partsOfHeredoc } from '#model/dockerfile/variable-sites.ts';
import { splitQuoted } from '#model/dockerfile/syntax/words.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Problem } from '#model/rules/rule.ts';
import { spanOf } from '#model/text/span.ts';

export const invalidSubstitution: DockerfileRule = {
  id: 'InvalidSubstitution',
  severity: 'error',
  fatal: true,
  title: 'Quotes and ${…} must be closed, with a modifier that exists',
  *check(document) {
    const { instructions, escape, factsOf, text } = document;
    for (const instruction of instructions) {
      const { passed } = factsOf(instruction);
      if (passed.has(invalidSubstitution)) continue;
      const isOfTextAlone = !REQUIRES.test(instruction.joined.text);
      const lookup = isOfTextAlone ? () => 'set' : lookupIn(document, instruction);
      const found = hasExpansions(instruction)
        ? [
            ...flagProblems(instruction, escape, lookup),
            ...problemsOf(instruction, escape, lookup),
            ...heredocProblems(instruction, escape, text),
          ]
        : [];
      if (found.length === 0 && isOfTextAlone) passed.add(invalidSubstitution);
      yield* found;
    }
  },
};

/** `${name?` and `${name:?`: wrong where the variable is not set. */
const REQUIRES = /\$\{\w+:?\?/;

/** Values do not matter, but for variables that neither the file, the base image nor a build argument can set. */
function lookupIn({ variables }: DockerfileDocument, instruction: Instruction): Lookup {
  const unset = new Set<string>();
  for (const { name, definition, predefined, stage } of variables.usesIn(instruction)) {
    const isFromImage = instruction.keyword !== 'FROM' && stage !== undefined && mayComeFromImage(stage, name);
    if (definition === undefined && !predefined && !isFromImage) unset.add(name);
  }
  return (name) => (unset.has(name) ? undefined : 'set');
}

/** Is there anything that could be wrong? Most instructions are told from others by this alone. */
function hasExpansions({ keyword, joined, flags, heredocs }: Instruction): boolean {
  if (!EXPANDED_BODY.has(keyword)) return flags.some(({ value }) => value?.includes('$') === true);
  return heredocs.length > 0 || /["'$]/.test(joined.text);
}

function* flagProblems({ flags }: Instruction, escape: '\\' | '`', lookup: Lookup): Generator<Problem> {
  for (const { name, value, valueSpan } of flags) {
    if (valueSpan === undefined || value?.includes('$') !== true || !EXPANDED_FLAGS.has(name)) continue;
    const { error } = expandText(value, lookup, { escape });
    if (error !== undefined) yield { span: valueSpan, message: `failed to process ${JSON.stringify(value)}: ${error}` };
  }
}

function* problemsOf(instruction: Instruction, escape: '\\' | '`', lookup: Lookup): Generator<Problem> {
  const { keyword, json, joined, bodyStart } = instruction;
  if (!EXPANDED_BODY.has(keyword) || json !== undefined || !/["'$]/.test(joined.text.slice(bodyStart))) return;
  let wrongPair = -1;
  for (const { at, text, pair } of wordsOf(instruction, escape)) {
    const { error } = expandText(text, lookup, { escape });
    if (error === undefined || pair === wrongPair) continue;
    wrongPair = pair;
    const [bad] = badPartsIn(readWord(joined.text, at, at + text.length, escape));
    const { start, end } = bad ?? { start: at, end: at + text.length };
    yield { span: sourceSpan(joined, start, end), message: `failed to process ${JSON.stringify(text)}: ${error}` };
  }
}

interface Piece {
  /** In the joined text. */
  readonly at: number;
  readonly text: string;
  /** Of a name and its value the first one that is wrong is told. */
  readonly pair: number;
}

/** What is expanded by itself: white space separates most arguments, quoted or not, and is part of some. */
function wordsOf(instruction: Instruction, escape: string): readonly Piece[] {
  const { keyword, joined, bodyStart, bodyEnd, words } = instruction;
  if (PAIRS.has(keyword)) return pairsOf(instruction, escape);
  if (SINGLE.has(keyword)) return [{ at: bodyStart, text: joined.text.slice(bodyStart, bodyEnd), pair: bodyStart }];
  return words.map(({ at, text }) => ({ at, text, pair: at }));
}

/** Names and values are expanded by themselves; the name ends at the first `=`, or blank, even in quotes. An ARG's is taken as it is. */
function pairsOf({ keyword, joined, bodyStart, bodyEnd }: Instruction, escape: string): Piece[] {
  const words = splitQuoted(joined, bodyStart, bodyEnd, escape);
  const isLegacy = keyword !== 'ARG' && words[0]?.text.includes('=') === false;
  const pairs = isLegacy ? [{ at: bodyStart, text: joined.text.slice(bodyStart, bodyEnd) }] : words;
  return pairs.flatMap(({ at, text }) => {
    const length = isLegacy ? text.search(/\s|$/) : `${text}=`.indexOf('=');
    const name = { at, text: text.slice(0, length), pair: at };
    const skipped = isLegacy ? (/^\s*/.exec(text.slice(length))?.[0].length ?? 0) : 1;
    const value = { at: at + length + skipped, text: text.slice(length + skipped), pair: at };
    return keyword === 'ARG' ? [value] : [name, value];
  });
}

const SINGLE: ReadonlySet<string> = new Set(['STOPSIGNAL', 'USER', 'WORKDIR']);
const PAIRS: ReadonlySet<string> = new Set(['ARG', 'ENV', 'LABEL']);

/** What COPY and ADD write into files; of RUN the shell reads it. */
function* heredocProblems({ keyword, heredocs }: Instruction, escape: string, text: string): Generator<Problem> {
  if (keyword === 'RUN') return;
  for (const { content, expand } of heredocs) {
    const bad = expand ? partsOfHeredoc(text, content, escape).find(({ kind }) => kind === 'bad') : undefined;
    if (bad?.kind !== 'bad') continue;
    const message = `failed to process ${JSON.stringify(text.slice(bad.start, bad.end))}: ${bad.reason}`;
    yield { span: spanOf(bad.start, bad.end), message };
  }
}
