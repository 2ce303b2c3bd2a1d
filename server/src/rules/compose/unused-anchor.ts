import { spanOf } from '#model/text/span.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const unusedAnchor: ComposeRule = {
  id: 'unused-anchor',
  severity: 'hint',
  title: 'What has an anchor is referred to by an alias',
  *check({ tree: { anchors }, text }) {
    for (const { name, span, aliases } of anchors) {
      if (aliases.length > 0) continue;
      const blanks = /^[ \t]*/.exec(text.slice(span.end))?.[0].length ?? 0;
      const before = text[span.start - 1] === ' ' && /^[ \t]*(?:[\r\n]|$)/.test(text.slice(span.end)) ? 1 : 0;
      const removed = spanOf(span.start - before, span.end + blanks);
      yield {
        span,
        message: `no alias '*${name}' refers to this anchor`,
        tag: 'unnecessary',
        fixes: [{ title: 'Remove the anchor', edits: [{ span: removed, text: '' }] }],
      };
    }
  },
};
