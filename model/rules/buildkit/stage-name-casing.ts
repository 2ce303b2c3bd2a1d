import type { BuildCheck } from '../checked-dockerfile.ts';

export const stageNameCasing: BuildCheck = {
  id: 'StageNameCasing',
  severity: 'warning',
  title: 'Stage names should be lowercase',
  *check({ stages }) {
    for (const { name } of stages) {
      if (name === undefined || name.text === name.text.toLowerCase()) continue;
      const edits = [{ span: name.span, text: name.text.toLowerCase() }];
      yield {
        span: name.span,
        message: `Stage name '${name.text}' should be lowercase`,
        fixes: [{ title: `Rename to '${name.text.toLowerCase()}'`, edits, safe: true }],
      };
    }
  },
};
