import * as v from 'valibot';
import { messageOf } from '#model/engine-api/errors.ts';
import { parseReference } from '#model/oci/reference.ts';
import { entryOf, textAt, valueAt } from '#model/compose/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Fix } from '#model/rules/rule.ts';

const PROHIBITED = ['latest', 'stable', 'edge', 'test', 'nightly', 'dev', 'beta', 'canary', 'lts'];
const TAG_OPTIONS = v.fallback(v.object({ prohibitedTags: v.optional(v.array(v.string()), PROHIBITED) }), {
  prohibitedTags: PROHIBITED,
});

/** Of an image without a digest: name and tag, where no variable stands in them. What is before, this rule leaves to others. */
const LAST_PART = /^(?:[^@\s]*\/)?[\w.-]+(?::([\w.-]+))?$/;

export const explicitTag: ComposeRule = {
  id: 'service-image-require-explicit-tag',
  severity: 'error',
  title: 'Images have a tag that does not move, or a digest',
  *check({ services, dclint }) {
    const { prohibitedTags } = v.parse(TAG_OPTIONS, dclint.options['service-image-require-explicit-tag']);
    for (const { value, merged } of services) {
      const image = valueAt(value, 'image');
      const text = textAt(image);
      if (merged || image?.kind !== 'scalar' || typeof image.value !== 'string' || text === undefined) continue;
      const last = LAST_PART.exec(text.replaceAll(/\$\{[^}]*\}/g, '$'));
      if (last === null) continue;
      const [, tag] = last;
      if (tag === undefined) {
        yield { span: image.span, message: `image '${text}' has no tag: it will be another one tomorrow` };
      } else if (prohibitedTags.includes(tag)) {
        yield { span: image.span, message: `image '${text}': the tag '${tag}' moves: name a version` };
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

const BUILD_OPTIONS = v.fallback(v.object({ checkPullPolicy: v.optional(v.boolean(), true) }), {
  checkPullPolicy: true,
});

export const buildAndImage: ComposeRule = {
  id: 'no-build-and-image',
  severity: 'error',
  title: 'A service is built or has an image, not both, unless pull_policy says which',
  *check(document) {
    const { services, dclint } = document;
    const { checkPullPolicy } = v.parse(BUILD_OPTIONS, dclint.options['no-build-and-image']);
    for (const { key, value, merged } of services) {
      const build = entryOf(value, 'build');
      if (merged || build === undefined || entryOf(value, 'image') === undefined) continue;
      if (checkPullPolicy && entryOf(value, 'pull_policy') !== undefined) continue;
      yield {
        span: build.keySpan,
        message: `service '${key}' has both image and build: say with pull_policy which one is meant`,
        fixes: insertedPolicy(document, build.keySpan),
      };
    }
  },
};

/** On a line of its own above the key, where that has one too. */
function insertedPolicy({ text, source: { lines } }: ComposeDocument, { start }: Span): Fix[] {
  const indent = text.slice(lines.startOf(lines.lineAt(start)), start);
  if (indent.trim() !== '') return [];
  const edits = [{ span: { start, end: start }, text: `pull_policy: build\n${indent}` }];
  return [{ title: 'Add pull_policy: build', edits }];
}

export const projectName: ComposeRule = {
  id: 'require-project-name-field',
  severity: 'warning',
  title: 'A Compose file names its project',
  *check({ root, text }) {
    const first = root?.kind === 'map' ? root.entries[0] : undefined;
    if (first === undefined || entryOf(root, 'name') !== undefined) return;
    // What is missing has no place: the first line stands for it, as with dclint.
    const span = text.lastIndexOf('\n', first.keySpan.start) === -1 ? first.keySpan : spanOf(0, 0);
    yield { span, message: "the top-level 'name' is missing: the project is named after its folder" };
  },
};
