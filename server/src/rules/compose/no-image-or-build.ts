import { type ComposeNode, type Entry, valueAt } from '#model/compose/tree.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const noImageOrBuild: ComposeRule = {
  id: 'no-image-or-build',
  severity: 'error',
  title: 'A service has an image or is built',
  *check(document) {
    if (!document.project.isComplete) return;
    for (const service of document.services) {
      if (service.value.kind !== 'map' || service.merged || hasOrigin(document, service)) continue;
      const message = `service "${service.key}" has neither an image nor a build context specified`;
      yield { span: service.keySpan, message };
    }
  },
};

/** Files that are merged with this one, and services that are extended, may bring it. */
function hasOrigin({ project }: ComposeDocument, { key, value }: Entry): boolean {
  const elsewhere = project.files.map(({ tree }) => valueAt(tree.root, 'services', key));
  return [value, ...elsewhere].some(isFromSomewhere);
}

function isFromSomewhere(service: ComposeNode | undefined): boolean {
  return ['image', 'build', 'extends', 'provider'].some((key) => valueAt(service, key) !== undefined);
}
