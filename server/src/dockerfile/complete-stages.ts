import type { Span } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import type { Cursor } from './cursor.ts';
import { type DockerfileDocument, stageOf } from './document.ts';

/** Stages that the caret's stage can refer to: those that stand above it. */
export function stagesAbove(document: DockerfileDocument, { instruction }: Cursor, span: Span): Completion[] {
  const own = instruction === undefined ? undefined : stageOf(document, instruction);
  return document.stages
    .filter(({ index }) => own === undefined || index < own.index)
    .map(({ index, name, image }) => ({
      label: name?.text ?? String(index),
      kind: 'stage',
      detail: `FROM ${image?.text ?? ''}`,
      span,
      text: name?.text ?? String(index),
      rank: name === undefined ? 1 : 0,
    }));
}
