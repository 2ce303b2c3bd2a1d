import { bodyOf } from '#model/dockerfile/syntax/joined-text.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const maintainerDeprecated: BuildCheck = {
  id: 'MaintainerDeprecated',
  aliases: ['DL4000'],
  severity: 'warning',
  title: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
  *check({ withKeyword }) {
    for (const instruction of withKeyword('MAINTAINER')) {
      const author = bodyOf(instruction).replaceAll(/^"(.*)"$/g, '$1');
      const text = `LABEL org.opencontainers.image.authors=${JSON.stringify(author)}`;
      yield {
        span: instruction.nameSpan,
        message: 'Maintainer instruction is deprecated in favor of using label',
        tag: 'deprecated',
        fixes: [{ title: 'Convert to a LABEL', edits: [{ span: instruction.headSpan, text }] }],
      };
    }
  },
};
