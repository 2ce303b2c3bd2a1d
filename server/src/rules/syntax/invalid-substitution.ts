import { expandText } from '#model/dockerfile/expand.ts';
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { badPartsIn, readWord } from '#model/dockerfile/syntax/variables.ts';
import { EXPANDED_BODY } from '#model/dockerfile/variable-sites.ts';
import { splitQuoted } from '#model/dockerfile/syntax/words.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

export const invalidSubstitution: DockerfileRule = {
  id: 'InvalidSubstitution',
  severity: 'error',
  fatal: true,
  title: 'Quotes and ${…} must be closed, with a modifier that exists',
  *check({ instructions, escape, factsOf }) {
    for (const instruction of instructions) {
      const { keyword, json, joined, bodyStart } = instruction;
      const { passed } = factsOf(instruction);
      if (passed.has(invalidSubstitution) || !EXPANDED_BODY.has(keyword) || json !== undefined) continue;
      const found = /["'$]/.test(joined.text.slice(bodyStart)) ? [...problemsOf(instruction, escape)] : [];
      if (found.length === 0) passed.add(invalidSubstitution);
      yield* found;
    }
  },
};

function* problemsOf({ joined, bodyStart, bodyEnd }: Instruction, escape: '\\' | '`'): Generator<Problem> {
  for (const word of splitQuoted(joined, bodyStart, bodyEnd, escape)) {
    const end = word.at + word.text.length;
    let found = false;
    for (const bad of badPartsIn(readWord(joined.text, word.at, end, escape))) {
      found = true;
      const shown = joined.text.slice(bad.start, bad.end);
      const span = sourceSpan(joined, bad.start, bad.end);
      yield { span, message: `failed to process ${JSON.stringify(shown)}: ${bad.reason}` };
    }
    // Values do not matter here; "$x:?" must not fail, so every name has one.
    const { error } = found ? {} : expandText(word.text, () => 'set', { escape });
    if (error !== undefined)
      yield { span: word.span, message: `failed to process ${JSON.stringify(word.text)}: ${error}` };
  }
}
