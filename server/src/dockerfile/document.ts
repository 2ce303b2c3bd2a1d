import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { propertiesOf, type Property } from '#model/dockerfile/syntax/properties.ts';
import { type Stage, stagesOf } from '#model/dockerfile/syntax/stages.ts';
import type { DockerfileTree, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Source } from '../language.ts';
import { type Command, type RunStep, runSteps } from './commands.ts';
import { type HadolintConfig, readHadolintConfig } from './hadolint-config.ts';
import { type Part, partsOf } from './parts.ts';
import { type Definition, resolveVariables, type Variables } from './variables.ts';

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
  /** Of definitions, as far as somebody asked. */
  readonly values: Map<Definition, string | undefined>;
  /** What is carried out together. */
  readonly parts: readonly Part[];
  /** Of all parts. */
  readonly runs: readonly RunStep[];
  /** Of all runs. */
  readonly commands: readonly Command[];
  readonly hadolint: HadolintConfig;
  /** Names and values of ENV, LABEL and ARG; none for other instructions. */
  properties(instruction: Instruction): readonly Property[];
}

export function readDockerfile(source: Source): DockerfileDocument {
  const tree = parseDockerfile(source.text);
  const { preamble, stages } = stagesOf(tree);
  let variables: Variables | undefined;
  let hadolint: HadolintConfig | undefined;
  let parts: readonly Part[] | undefined;
  let runs: readonly RunStep[] | undefined;
  let commands: readonly Command[] | undefined;
  const properties = new Map<Instruction, readonly Property[]>();
  return {
    source,
    text: source.text,
    tree,
    escape: tree.escape,
    preamble,
    stages,
    instructions: tree.instructions,
    values: new Map(),
    get variables() {
      variables ??= resolveVariables(tree, preamble, stages);
      return variables;
    },
    get parts() {
      parts ??= partsOf(preamble, stages);
      return parts;
    },
    get runs() {
      runs ??= runSteps(this.parts, source.text);
      return runs;
    },
    get commands() {
      commands ??= this.runs.flatMap((run) => run.commands);
      return commands;
    },
    get hadolint() {
      hadolint ??= readHadolintConfig(source);
      return hadolint;
    },
    properties(instruction) {
      let found = properties.get(instruction);
      if (found === undefined) properties.set(instruction, (found = propertiesOf(instruction, tree.escape)));
      return found;
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
