import { messageOf } from '#model/engine-api/errors.ts';
import { stageNamed } from '#model/dockerfile/syntax/stages.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { Span } from '#model/text/span.ts';
import { isAlwaysEmpty } from '../../dockerfile/always-empty.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import { stageReferences } from '../../dockerfile/stage-references.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Fix, Problem } from '#model/rules/rule.ts';

export const invalidImageReference: DockerfileRule = {
  id: 'InvalidImageReference',
  severity: 'error',
  fatal: true,
  title: 'An image name is lowercase, with an optional registry, tag and digest',
  *check(document) {
    yield* badOrigins(document);
    const valid = new Set<string>();
    for (const { from, image, base } of document.stages) {
      if (image !== undefined && (/^(?:""|'')+$/.test(image.text) || isAlwaysEmpty(document, from, image.span))) {
        yield { span: image.span, message: `base name (${image.text}) should not be blank` };
      }
      if (image === undefined || base !== undefined || valid.has(image.text) || /[$"']/.test(image.text)) continue;
      const reason = reasonAgainst(image.text);
      if (reason === undefined) {
        valid.add(image.text);
        continue;
      }
      yield {
        span: image.span,
        message: `failed to parse stage name ${JSON.stringify(image.text)}: ${reason}`,
        fixes: lowerCased(image.text, image.span),
      };
    }
  },
};

/** What is copied from is a stage, or an image that is named as such. */
function* badOrigins({ stages }: DockerfileDocument): Generator<Problem> {
  for (const { text, span, by } of stageReferences(stages)) {
    if (by === 'FROM' || text === '' || /[$"']|^\d+$/.test(text) || stageNamed(stages, text) !== undefined) continue;
    const reason = reasonAgainst(text);
    if (reason === undefined) continue;
    yield {
      span,
      message: `failed to parse stage name ${JSON.stringify(text)}: ${reason}`,
      fixes: lowerCased(text, span),
    };
  }
}

function lowerCased(name: string, span: Span): Fix[] {
  const lower = name.toLowerCase();
  if (lower === name || reasonAgainst(lower) !== undefined) return [];
  return [{ title: `Change to ${lower}`, edits: [{ span, text: lower }] }];
}

function reasonAgainst(name: string): string | undefined {
  try {
    parseReference(name);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
