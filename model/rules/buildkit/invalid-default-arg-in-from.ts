import { expandText } from '#model/dockerfile/expand.ts';
import { parseReference } from '#model/oci/reference.ts';
import { PLATFORM_ARGS } from '#model/dockerfile/predefined-args.ts';
import { valueBefore } from '#model/dockerfile/values.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

export const invalidDefaultArgInFrom: BuildCheck = {
  id: 'InvalidDefaultArgInFrom',
  severity: 'warning',
  title: 'Default value for global ARG results in an empty or invalid base image name',
  *check(document) {
    // Defaults are meant, whatever this build gives.
    const { variables, escape } = document;
    const valid = new Set<string>();
    const defaults = { variables, escape, values: new Map(), given: {} };
    for (const { from, image } of document.stages) {
      if (image === undefined) continue; // of names without arguments too, and of stages written in capitals
      const values = valueBefore(defaults, from, undefined);
      const lookup = (name: string): string | undefined =>
        values(name) ?? (PLATFORM_ARGS.has(name) ? 'any' : undefined);
      const { value, error } = expandText(image.text, lookup, { escape: document.escape });
      if (error !== undefined || valid.has(value)) continue;
      if (isImageName(value)) {
        valid.add(value);
        continue;
      }
      const message = `Default value for ARG ${image.text} results in empty or invalid base image name`;
      yield { span: image.span, message };
    }
  },
};

function isImageName(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
