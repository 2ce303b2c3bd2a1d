import { messageOf } from '#model/engine-api/errors.ts';
import { expandText } from '#model/dockerfile/expand.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidImageReference: DockerfileRule = {
  id: 'InvalidImageReference',
  severity: 'error',
  fatal: true,
  title: 'An image name is lowercase, with an optional registry, tag and digest',
  *check(document) {
    for (const stage of document.stages) {
      const { image, base } = stage;
      if (image !== undefined && isBlank(document, stage)) {
        yield { span: image.span, message: `base name (${image.text}) should not be blank` };
      }
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

/** Nothing but variables that no build argument can give a value. */
function isBlank({ variables, escape }: DockerfileDocument, { from, image }: Stage): boolean {
  if (image?.text.includes('$') !== true) return false;
  const { start, end } = image.span;
  const uses = variables.uses.filter(({ instruction, span }) => {
    return instruction === from && span.start >= start && span.end <= end;
  });
  if (uses.some(({ definition, predefined }) => definition !== undefined || predefined)) return false;
  const { value, error } = expandText(image.text, () => undefined, { escape });
  return error === undefined && value === '';
}

function reasonAgainst(name: string): string | undefined {
  try {
    parseReference(name);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
