import type { BuildCheck } from '../checked-dockerfile.ts';

export const duplicateStageName: BuildCheck = {
  id: 'DuplicateStageName',
  aliases: ['DL3024'],
  severity: 'warning',
  title: 'Stage names should be unique',
  *check({ stages }) {
    const seen = new Set<string>();
    for (const { name } of stages) {
      if (name === undefined) continue;
      const key = name.text.toLowerCase();
      if (seen.has(key)) {
        yield { span: name.span, message: `Duplicate stage name ${JSON.stringify(key)}, stage names should be unique` };
      }
      seen.add(key);
    }
  },
};
