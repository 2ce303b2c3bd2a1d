import { otherFrontend } from '#model/dockerfile/other-frontend.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stageReferred, stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { suggest } from '#model/text/suggest.ts';
import { entryOf, valueAt } from '#model/compose/tree.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import { targetsOfCompose } from '../../dockerfile/stage-targets.ts';
import type { ComposeRule } from '../compose-rule.ts';

/** Targets whose Dockerfile is known: of an overlay or a service that extends another the rest may stand elsewhere. */
function knownTargets({ root, project, services, source }: ComposeDocument) {
  if (source.path === undefined || project.isOverlay) return [];
  const elsewhere = services.filter(({ value }) => entryOf(value, 'extends') !== undefined);
  const spans = new Set(elsewhere.map(({ value }) => valueAt(value, 'build', 'target')?.span.start));
  const targets = targetsOfCompose(root, source.path);
  return targets.filter(({ name, dockerfile, span }) => {
    return !`${name}${dockerfile}`.includes('$') && name !== '' && !spans.has(span.start) && !spans.has(span.start - 1);
  });
}

export const undefinedStage: ComposeRule = {
  id: 'undefined-stage',
  severity: 'error',
  title: 'The stage that a service is built from is in its Dockerfile',
  *check(document) {
    const { files } = document.source;
    for (const { name, span, dockerfile } of knownTargets(document)) {
      const text = files.read(dockerfile);
      if (text === undefined) continue;
      const tree = parseDockerfile(text);
      const { stages } = stagesOf(tree);
      if (otherFrontend(tree) !== undefined) continue; // its targets are not known
      if (stageReferred(stages, name, stages.length) !== undefined) continue;
      const names = stages.flatMap((stage) => stage.name?.text ?? []);
      const near = suggest(name, names, true);
      const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
      yield {
        span,
        message: `target stage "${name}" could not be found in ${dockerfile}${hint}`,
        fixes: near === undefined ? [] : [{ title: `Change to '${near}'`, edits: [{ span, text: near }] }],
      };
    }
  },
};
