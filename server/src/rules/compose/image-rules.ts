import { messageOf } from '#model/engine-api/errors.ts';
import { parseReference } from '#model/oci/reference.ts';
import { entryOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const explicitTag: ComposeRule = {
  id: 'service-image-require-explicit-tag',
  severity: 'warning',
  title: 'Images have a tag other than latest, or a digest',
  *check({ services }) {
    for (const { value, merged } of services) {
      const image = valueAt(value, 'image');
      const text = textAt(image);
      if (
        merged ||
        image === undefined ||
        text === undefined ||
        text.includes('$') ||
        valueAt(value, 'build') !== undefined
      )
        continue;
      const reference = image.kind === 'scalar' && typeof image.value === 'string' ? read(text) : '';
      if (typeof reference === 'string' || reference.digest !== undefined) continue;
      if (reference.tag === undefined) {
        yield { span: image.span, message: `image '${text}' has no tag: it will be another one tomorrow` };
      } else if (['latest', 'stable', 'edge', 'nightly', 'dev'].includes(reference.tag)) {
        yield { span: image.span, message: `image '${text}': the tag '${reference.tag}' moves: name a version` };
      }
    }
  },
};

export const invalidImage: ComposeRule = {
  id: 'invalid-image',
  severity: 'error',
  title: 'An image name is lowercase, with an optional registry, tag and digest',
  *check({ services }) {
    for (const { key, value, merged } of services) {
      const image = valueAt(value, 'image');
      const text = textAt(image);
      if (merged || image === undefined || text === undefined || text === '' || text.includes('$')) continue;
      const reason = read(text);
      if (typeof reason === 'string') yield { span: image.span, message: `services.${key}.image: ${reason}` };
    }
  },
};

function read(text: string) {
  try {
    return parseReference(text);
  } catch (error) {
    return messageOf(error);
  }
}

export const buildAndImage: ComposeRule = {
  id: 'no-build-and-image',
  severity: 'warning',
  off: true,
  title: 'A service is built or has an image, not both',
  *check({ services }) {
    for (const { key, value } of services) {
      const image = entryOf(value, 'image');
      if (image === undefined || entryOf(value, 'build') === undefined) continue;
      yield {
        span: image.keySpan,
        message: `service '${key}' has both image and build: the result of the build gets the image's name`,
      };
    }
  },
};

export const projectName: ComposeRule = {
  id: 'require-project-name-field',
  severity: 'warning',
  off: true,
  title: 'A Compose file names its project',
  *check({ root }) {
    const first = root?.kind === 'map' ? root.entries[0] : undefined;
    if (first === undefined || entryOf(root, 'name') !== undefined) return;
    yield { span: first.keySpan, message: "the top-level 'name' is missing: the project is named after its folder" };
  },
};
