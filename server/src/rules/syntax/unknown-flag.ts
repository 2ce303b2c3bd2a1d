import { readsNoFlags } from '#model/dockerfile/reads-no-flags.ts';
import { suggest } from '#model/text/suggest.ts';
import { spanOf } from '#model/text/span.ts';
import { flagInfo, flagsOf } from '../../dockerfile/flags.ts';
import { isInstruction } from '../../dockerfile/instructions.ts';
import { instructionRule } from '../instruction-rule.ts';

export const unknownFlag = instructionRule({
  id: 'UnknownFlag',
  severity: 'error',
  fatal: true,
  title: 'An instruction takes only the flags that it knows',
  concerns: ({ flags }) => flags.length > 0,
  *checkInstruction(instruction, document) {
    const { keyword, flags } = instruction;
    if (!isInstruction(keyword) || readsNoFlags(instruction)) return;
    for (const { name, nameSpan, span } of flags) {
      if (flagInfo(keyword, name) !== undefined) continue;
      const near = suggest(name, Object.keys(flagsOf(keyword)), true);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      const removed = spanOf(span.start, document.text[span.end] === ' ' ? span.end + 1 : span.end);
      const remove = { title: `Remove --${name}`, edits: [{ span: removed, text: '' }] };
      const change = { title: `Change to --${near}`, edits: [{ span: nameSpan, text: `--${near}` }] };
      yield {
        span: nameSpan,
        message: `unknown flag: --${name}${hint}`,
        fixes: near === undefined ? [remove] : [change, remove],
      };
    }
  },
});
