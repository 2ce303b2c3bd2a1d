import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import { instructionRule } from '../instruction-rule.ts';

export const shellJsonForm = instructionRule({
  id: 'ShellJsonForm',
  severity: 'error',
  fatal: true,
  title: 'SHELL takes a JSON array',
  concerns: ({ keyword }) => keyword === 'SHELL',
  *checkInstruction(instruction) {
    const { words, json, jsonHasOtherThanStrings } = instruction;
    if (words.length === 0 || json !== undefined || jsonHasOtherThanStrings) return;
    const span = bodySpan(instruction);
    const plain = words.every(({ text }) => /^[\w/.=-]+$/.test(text));
    const text = `[${words.map((word) => JSON.stringify(word.text)).join(', ')}]`;
    yield {
      span,
      message: 'SHELL requires the arguments to be in JSON form',
      fixes: plain ? [{ title: 'Use the JSON form', edits: [{ span, text }] }] : [],
    };
  },
});
