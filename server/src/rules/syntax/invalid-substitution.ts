import { expandText } from '#model/dockerfile/expand.ts';
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { badPartsIn, readWord } from '#model/dockerfile/syntax/variables.ts';
import { EXPANDED_BODY, EXPANDED_FLAGS, partsOfHeredoc } from '#model/dockerfile/variable-sites.ts';
import { splitQuoted } from '#model/dockerfile/syntax/words.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Problem } from '#model/rules/rule.ts';
import { spanOf } from '#model/text/span.ts';

export const invalidSubstitution: DockerfileRule = {
  id: 'InvalidSubstitution',
  severity: 'error',
  fatal: true,
  title: 'Quotes and ${…} must be closed, with a modifier that exists',
  *check({ instructions, escape, factsOf, text }) {
    for (const instruction of instructions) {
      const { passed } = factsOf(instruction);
      if (passed.has(invalidSubstitution)) continue;
      if (!hasExpansions(instruction)) {
        passed.add(invalidSubstitution);
        continue;
      }
      const found = [
        ...flagProblems(instruction, escape),
        ...problemsOf(instruction, escape),
        ...heredocProblems(instruction, escape, text),
      ];
      if (found.length === 0) passed.add(invalidSubstitution);
      yield* found;
    }
  },
};

/** Is there anything that could be wrong? Most instructions are told from others by this alone. */
function hasExpansions({ keyword, joined, flags, heredocs }: Instruction): boolean {
  if (!EXPANDED_BODY.has(keyword)) return flags.some(({ value }) => value?.includes('$') === true);
  return heredocs.length > 0 || /["'$]/.test(joined.text);
}

function* flagProblems({ flags }: Instruction, escape: '\\' | '`'): Generator<Problem> {
  for (const { name, value, valueSpan } of flags) {
    if (valueSpan === undefined || value?.includes('$') !== true || !EXPANDED_FLAGS.has(name)) continue;
    const { error } = expandText(value, () => 'set', { escape });
    if (error !== undefined) yield { span: valueSpan, message: `failed to process ${JSON.stringify(value)}: ${error}` };
  }
}

function* problemsOf(instruction: Instruction, escape: '\\' | '`'): Generator<Problem> {
  const { keyword, json, joined, bodyStart } = instruction;
  if (!EXPANDED_BODY.has(keyword) || json !== undefined || !/["'$]/.test(joined.text.slice(bodyStart))) return;
  for (const { at, text: written } of wordsOf(instruction, escape)) {
    const name = PAIRS.has(keyword) ? nameLength(written) : 0;
    // The name of an ARG is taken as it is.
    if (keyword === 'ARG' && name === 0) continue;
    const text = written.slice(name);
    // Values do not matter here; "$x:?" must not fail, so every name has one.
    const { error } = expandText(text, () => 'set', { escape });
    if (error === undefined) continue;
    const [bad] = badPartsIn(readWord(joined.text, at, at + written.length, escape));
    const span =
      bad === undefined ? sourceSpan(joined, at + name, at + written.length) : sourceSpan(joined, bad.start, bad.end);
    yield { span, message: `failed to process ${JSON.stringify(text)}: ${error}` };
  }
}

/** What is expanded by itself: white space separates most arguments, quoted or not, and is part of some. */
function wordsOf({ keyword, joined, bodyStart, bodyEnd, words }: Instruction, escape: string) {
  if (PAIRS.has(keyword)) return splitQuoted(joined, bodyStart, bodyEnd, escape);
  if (!SINGLE.has(keyword)) return words;
  const text = joined.text.slice(bodyStart, bodyEnd);
  return [{ at: bodyStart, text, span: sourceSpan(joined, bodyStart, bodyEnd) }];
}

/** With the `=`; names and values are expanded by themselves. */
function nameLength(pair: string): number {
  return /^(?:"[^"]*"|'[^']*'|[^="'])*=/.exec(pair)?.[0].length ?? 0;
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
