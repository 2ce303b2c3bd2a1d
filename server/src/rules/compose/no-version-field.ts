import { entryOf } from '#model/compose/tree.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const noVersionField: ComposeRule = {
  id: 'no-version-field',
  severity: 'error',
  title: 'The attribute version is obsolete',
  *check({ root, text }) {
    const version = entryOf(root, 'version');
    if (version === undefined || version.merged) return;
    const span = { start: version.keySpan.start, end: version.value.span.end };
    yield {
      span,
      message: 'the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion',
      tag: 'deprecated',
      fixes: [{ title: 'Remove the version', edits: [{ span: wholeLines(text, span), text: '' }], safe: true }],
    };
  },
};
