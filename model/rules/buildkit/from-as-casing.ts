import type { BuildCheck } from '../checked-dockerfile.ts';

export const fromAsCasing: BuildCheck = {
  id: 'FromAsCasing',
  severity: 'warning',
  title: "The 'as' keyword should match the case of the 'from' keyword",
  *check({ stages }) {
    for (const { from, as } of stages) {
      if (as === undefined) continue;
      const expected = matching(from.name);
      if (expected === undefined || as.text === expected) continue;
      yield {
        span: as.span,
        message: `'${as.text}' and '${from.name}' keywords' casing do not match`,
        fixes: [{ title: `Change to '${expected}'`, edits: [{ span: as.span, text: expected }], safe: true }],
      };
    }
  },
};

/** `As` in the case of FROM; undefined when FROM itself mixes cases. */
function matching(from: string): string | undefined {
  if (from === from.toUpperCase()) return 'AS';
  return from === from.toLowerCase() ? 'as' : undefined;
}
