import { expandText } from '#model/dockerfile/expand.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { bodyOf, bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { valueBefore, valueOf as definitionValue } from '#model/dockerfile/values.ts';
import { suggest } from '#model/text/suggest.ts';
import { SIGNALS } from '../../dockerfile/signals.ts';
import { isAlwaysEmpty } from '../../dockerfile/always-empty.ts';
import { type DockerfileDocument, stageOf } from '../../dockerfile/document.ts';
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
    for (const instruction of document.withKeyword('STOPSIGNAL')) {
      const span = bodySpan(instruction);
      const value = valueOf(document, instruction);
      if (isAlwaysEmpty(document, instruction, span)) yield { span, message: 'invalid signal: the variable is empty' };
      else if (value !== undefined && !isSignal(value)) yield { span, message: `invalid signal: ${value}` };
    }
  },
};

/** What the variables make of it; undefined where the base image or a build argument may have a say, or it has none. */
function valueOf(document: DockerfileDocument, instruction: Instruction): string | undefined {
  const stage = stageOf(document, instruction);
  const { variables, escape } = document;
  const uses = variables.usesIn(instruction);
  const isOpen = uses.some(({ name, definition }) =>
    definition === undefined
      ? stage === undefined || mayComeFromImage(stage, name)
      : definitionValue(document, definition) === undefined,
  );
  if (uses.length === 0 || isOpen) return undefined;
  const { value, error } = expandText(bodyOf(instruction), valueBefore(document, instruction, stage), { escape });
  return error === undefined ? value : undefined;
}

function isSignal(text: string): boolean {
  const bare = text.replaceAll(/^["']|["']$/g, '');
  if (/^\d+$/.test(bare)) return Number(bare) > 0;
  const name = bare.toUpperCase().replace(/^SIG/, '');
  const realtime = /^RTM(?:IN(?:\+\d+)?|AX(?:-\d+)?)$/.test(name) && Number(/\d+$/.exec(name)?.[0] ?? 0) < HIGHEST;
  return SIGNALS.includes(`SIG${name}`) || realtime;
}
