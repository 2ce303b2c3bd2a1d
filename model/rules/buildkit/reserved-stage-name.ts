import type { BuildCheck } from '../checked-dockerfile.ts';

const RESERVED: ReadonlySet<string> = new Set(['context', 'scratch']);

export const reservedStageName: BuildCheck = {
  id: 'ReservedStageName',
  aliases: ['DL3063'],
  severity: 'warning',
  title: "Reserved words ('context', 'scratch') should not be used as stage names",
  *check({ stages }) {
    for (const { name } of stages) {
      const key = name?.text.toLowerCase() ?? '';
      if (name === undefined || !RESERVED.has(key)) continue;
      yield {
        span: name.span,
        message: `Stage name should not use the same name as reserved stage ${JSON.stringify(key)}`,
      };
    }
  },
};
