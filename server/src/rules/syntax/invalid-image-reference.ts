import { messageOf } from '#model/engine-api/errors.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidImageReference: DockerfileRule = {
  id: 'InvalidImageReference',
  severity: 'error',
  fatal: true,
  title: 'An image name is lowercase, with an optional registry, tag and digest',
  *check({ stages }) {
    for (const { image, base } of stages) {
      if (image === undefined || base !== undefined || /[$"']/.test(image.text)) continue;
      const reason = reasonAgainst(image.text);
      if (reason === undefined) continue;
      const lower = image.text.toLowerCase();
      const fixable = lower !== image.text && reasonAgainst(lower) === undefined;
      yield {
        span: image.span,
        message: `failed to parse stage name ${JSON.stringify(image.text)}: ${reason}`,
        fixes: fixable ? [{ title: `Change to ${lower}`, edits: [{ span: image.span, text: lower }] }] : [],
      };
    }
  },
};

function reasonAgainst(name: string): string | undefined {
  try {
    parseReference(name);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
