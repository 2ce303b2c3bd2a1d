/** Every place that names a stage, or may: `FROM x`, `COPY --from=x`, `RUN --mount=from=x`. */
import { append } from '#model/text/append.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Span } from '#model/text/span.ts';
import { mountFields } from './mount-fields.ts';

export interface StageReference {
  /** The stage that the reference stands in. */
  readonly stage: Stage;
  readonly text: string;
  readonly span: Span;
  readonly by: 'FROM' | 'COPY' | 'RUN';
}

export function stageReferences(stages: readonly Stage[]): readonly StageReference[] {
  const known = REFERENCES.get(stages);
  if (known !== undefined) return known;
  const references: StageReference[] = [];
  for (const stage of stages) {
    if (stage.image !== undefined) {
      references.push({ stage, text: stage.image.text, span: stage.image.span, by: 'FROM' });
    }
    for (const instruction of stage.instructions) {
      if (instruction.flags.length > 0) append(references, inInstruction(stage, instruction));
    }
  }
  REFERENCES.set(stages, references);
  return references;
}

/** Several rules ask for them. */
const REFERENCES = new WeakMap<readonly Stage[], readonly StageReference[]>();

function inInstruction(stage: Stage, { keyword, flags }: Instruction): StageReference[] {
  switch (keyword) {
    case 'COPY':
    case 'ADD':
      return flags.flatMap(({ name, value = '', valueSpan: span }) =>
        name === 'from' && span !== undefined ? [{ stage, text: value, span, by: 'COPY' as const }] : [],
      );
    case 'RUN':
      return flags.flatMap((flag) => {
        if (flag.name !== 'mount' || flag.value?.toLowerCase().includes('from') !== true) return [];
        return mountFields(flag).flatMap(({ key, value, valueSpan: span }) =>
          key === 'from' && value !== undefined && span !== undefined
            ? [{ stage, text: value, span, by: 'RUN' as const }]
            : [],
        );
      });
    default:
      return [];
  }
}
