import { bodyOf, bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import { suggest } from '#model/text/suggest.ts';
import { SIGNALS } from '../../dockerfile/signals.ts';
import { isAlwaysEmpty } from '../../dockerfile/always-empty.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { instructionRule } from '../instruction-rule.ts';

const HIGHEST = 64;

const misspelt = instructionRule({
  id: 'InvalidSignal',
  severity: 'error',
  fatal: true,
  title: 'STOPSIGNAL takes a signal that exists, by name or number',
  concerns: ({ keyword }) => keyword === 'STOPSIGNAL',
  *checkInstruction(instruction) {
    const text = bodyOf(instruction);
    if (text === '' || text.includes('$') || isSignal(text)) return;
    const near = suggest(text.toUpperCase().replace(/^(?!SIG)/, 'SIG'), SIGNALS);
    const span = bodySpan(instruction);
    yield {
      span,
      message: `invalid signal: ${text}${near === undefined ? '' : ` (did you mean ${near}?)`}`,
      fixes: near === undefined ? [] : [{ title: `Change to ${near}`, edits: [{ span, text: near }] }],
    };
  },
});

export const invalidSignal: DockerfileRule = {
  ...misspelt,
  *check(document) {
    yield* misspelt.check(document);
    for (const instruction of document.inPartsWith('STOPSIGNAL')) {
      const span = bodySpan(instruction);
      if (isAlwaysEmpty(document, instruction, span)) yield { span, message: 'invalid signal: the variable is empty' };
    }
  },
};

function isSignal(text: string): boolean {
  const bare = text.replaceAll(/^["']|["']$/g, '');
  if (/^\d+$/.test(bare)) return Number(bare) > 0;
  const name = bare.toUpperCase().replace(/^SIG/, '');
  const realtime = /^RTM(?:IN(?:\+\d+)?|AX(?:-\d+)?)$/.test(name) && Number(/\d+$/.exec(name)?.[0] ?? 0) < HIGHEST;
  return SIGNALS.includes(`SIG${name}`) || realtime;
}
