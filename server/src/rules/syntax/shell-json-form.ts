import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import { withTriggers } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const shellJsonForm: DockerfileRule = {
  id: 'ShellJsonForm',
  severity: 'error',
  fatal: true,
  title: 'SHELL takes a JSON array',
  *check(document) {
    for (const instruction of withTriggers(document)) {
      const { keyword, words, json, jsonHasOtherThanStrings } = instruction;
      if (keyword !== 'SHELL' || words.length === 0 || json !== undefined || jsonHasOtherThanStrings) continue;
      const span = bodySpan(instruction);
      const plain = words.every(({ text }) => /^[\w/.=-]+$/.test(text));
      const text = `[${words.map((word) => JSON.stringify(word.text)).join(', ')}]`;
      yield {
        span,
        message: 'SHELL requires the arguments to be in JSON form',
        fixes: plain ? [{ title: 'Use the JSON form', edits: [{ span, text }] }] : [],
      };
    }
  },
};
