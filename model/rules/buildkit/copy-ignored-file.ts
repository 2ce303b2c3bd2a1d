import { expandText } from '#model/dockerfile/expand.ts';
import { copyParts, isContextPath } from '#model/dockerfile/copy-sources.ts';
import { valueBefore } from '#model/dockerfile/values.ts';
import type { BuildCheck, CheckedDockerfile } from '../checked-dockerfile.ts';

export const copyIgnoredFile: BuildCheck = {
  id: 'CopyIgnoredFile',
  severity: 'warning',
  title: 'Attempting to Copy file that is excluded by .dockerignore',
  *check(document) {
    const { ignores } = document;
    if (ignores === undefined) return;
    for (const { instruction, path, span } of contextPaths(document)) {
      const verb = instruction.keyword === 'ADD' ? 'Add' : 'Copy';
      if (!ignores(path)) continue;
      yield { span, message: `Attempting to ${verb} file ${JSON.stringify(path)} that is excluded by .dockerignore` };
    }
  },
};

/** What the builder takes from the build context, variables replaced; without what the file does not say. */
function* contextPaths(document: CheckedDockerfile) {
  for (const stage of document.stages) {
    for (const instruction of stage.instructions) {
      if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') continue;
      const { sources, destination, from } = copyParts(instruction);
      if (from !== undefined || destination === undefined) continue;
      for (const { text, span } of sources) {
        if (!isContextPath(text)) continue;
        const values = valueBefore(document, instruction, stage);
        const { value, unset, error } = expandText(text, values, { escape: document.escape });
        if (unset.length === 0 && error === undefined && isContextPath(value))
          yield { instruction, span, path: clean(value) };
      }
    }
  }
}

/** Relative to the context's root, as .dockerignore sees it: the root itself is ''. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
