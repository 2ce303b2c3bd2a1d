import { expandText } from '#model/dockerfile/expand.ts';
import { parseReference } from '#model/oci/reference.ts';
import { type DockerfileDocument, readDockerfile } from '../../dockerfile/document.ts';
import { PLATFORM_ARGS } from '../../dockerfile/predefined-args.ts';
import { valueBefore } from '../../dockerfile/values.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

export const invalidDefaultArgInFrom: DockerfileRule = {
  id: 'InvalidDefaultArgInFrom',
  severity: 'warning',
  title: 'Default value for global ARG results in an empty or invalid base image name',
  *check(given) {
    const document = withDefaults(given);
    for (const { from, image, base } of document.stages) {
      if (image === undefined || base !== undefined || !image.text.includes('$')) continue;
      const values = valueBefore(document, from, undefined);
      const lookup = (name: string): string | undefined =>
        values(name) ?? (PLATFORM_ARGS.has(name) ? 'any' : undefined);
      const { value, error } = expandText(image.text, lookup, { escape: document.escape });
      if (error !== undefined || isImageName(value)) continue;
      const message = `Default value for ARG ${image.text} results in empty or invalid base image name`;
      yield { span: image.span, message };
    }
  },
};

/** Defaults are meant, whatever this build gives. */
function withDefaults(document: DockerfileDocument): DockerfileDocument {
  const { build: _build, ...source } = document.source;
  return Object.keys(document.source.build?.args ?? {}).length === 0 ? document : readDockerfile(source);
}

function isImageName(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
