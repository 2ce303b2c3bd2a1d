import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { type Stage, stagesOf } from '#model/dockerfile/syntax/stages.ts';
import type { DockerfileTree, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Source } from '../language.ts';
import { resolveVariables, type Variables } from './variables.ts';

/** A Dockerfile read for the editor. What costs time and is not always needed is computed when first asked for. */
export interface DockerfileDocument {
  readonly source: Source;
  readonly text: string;
  readonly tree: DockerfileTree;
  readonly escape: '\\' | '`';
  /** Instructions before the first FROM. */
  readonly preamble: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly instructions: readonly Instruction[];
  readonly variables: Variables;
}

export function readDockerfile(source: Source): DockerfileDocument {
  const tree = parseDockerfile(source.text);
  const { preamble, stages } = stagesOf(tree);
  let variables: Variables | undefined;
  return {
    source,
    text: source.text,
    tree,
    escape: tree.escape,
    preamble,
    stages,
    instructions: tree.instructions,
    get variables() {
      variables ??= resolveVariables(tree, preamble, stages);
      return variables;
    },
  };
}

/** The instruction at the offset; the caret behind the last character counts. */
export function instructionAt(document: DockerfileDocument, offset: number): Instruction | undefined {
  return document.instructions.find(({ span }) => offset >= span.start && offset <= span.end);
}

/** The stage that the instruction belongs to, its FROM included. */
export function stageOf(document: DockerfileDocument, instruction: Instruction): Stage | undefined {
  return document.stages.findLast((stage) => stage.from.span.start <= instruction.span.start);
}

/** All instructions, and those that ONBUILD keeps for later. */
export function* withTriggers({ instructions }: DockerfileDocument): Generator<Instruction> {
  for (const instruction of instructions) {
    yield instruction;
    if (instruction.trigger !== undefined) yield instruction.trigger;
  }
}
