import { entryOf } from '#model/compose/tree.ts';
import type { CodeLens } from '../language.ts';
import type { ComposeDocument } from './document.ts';

/** The client's command that starts a project: arguments are the file's URI and, for one service, its name. */
const UP = 'slipway.composeUp';

export function lenses({ root, services, source }: ComposeDocument): CodeLens[] {
  const section = entryOf(root, 'services');
  if (section === undefined || services.length === 0) return [];
  const one = services
    .filter(({ merged }) => !merged)
    .map(({ key, keySpan }) => ({
      span: keySpan,
      title: 'Start',
      icon: 'play',
      command: UP,
      arguments: [source.uri, key],
    }));
  return [
    { span: section.keySpan, title: 'Start all services', icon: 'play', command: UP, arguments: [source.uri] },
    ...one,
  ];
}
