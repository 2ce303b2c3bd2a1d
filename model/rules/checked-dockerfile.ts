/** A Dockerfile as BuildKit's checks see it; the language server's document is one too. */
import { keywordIndex, type WithKeyword } from '#model/dockerfile/keyword-index.ts';
import { partsOf, type Part } from '#model/dockerfile/parts.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { propertiesOf, type Property } from '#model/dockerfile/syntax/properties.ts';
import { type Stage, stagesOf } from '#model/dockerfile/syntax/stages.ts';
import type { DockerfileTree, Instruction } from '#model/dockerfile/syntax/tree.ts';
import { knownSites } from '#model/dockerfile/variable-sites.ts';
import { type Definition, resolveVariables, type Variables } from '#model/dockerfile/variables.ts';
import { createLineIndex, type LineIndex } from '#model/text/line-index.ts';
import type { Rule } from './rule.ts';

export interface CheckedDockerfile {
  readonly text: string;
  readonly lines: LineIndex;
  readonly tree: DockerfileTree;
  readonly escape: '\\' | '`';
  /** Instructions before the first FROM. */
  readonly preamble: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly instructions: readonly Instruction[];
  /** Of `instructions`: what ONBUILD keeps for later is ONBUILD. */
  readonly withKeyword: WithKeyword;
  /** What is carried out together. */
  readonly parts: readonly Part[];
  /** All instructions, and those that ONBUILD keeps for later. */
  readonly withTriggers: readonly Instruction[];
  readonly variables: Variables;
  /** Of definitions, as far as somebody asked. */
  readonly values: Map<Definition, string | undefined>;
  /** Build arguments. */
  readonly given: Readonly<Record<string, string>>;
  /** Does .dockerignore hide the path of a COPY source? Undefined: nothing is hidden. */
  readonly ignores: ((path: string) => boolean) | undefined;
  /** Could the variable come from the image at the bottom of the stage? */
  mayComeFromImage(stage: Stage, name: string): boolean;
  /** Names and values of ENV, LABEL and ARG; none for other instructions. */
  properties(instruction: Instruction): readonly Property[];
}

export type BuildCheck = Rule<CheckedDockerfile>;

/** What is known of the build besides the text. */
export type BuildFacts = Pick<CheckedDockerfile, 'given' | 'ignores' | 'mayComeFromImage'>;

export function checkedDockerfile(text: string, facts: BuildFacts): CheckedDockerfile {
  const tree = parseDockerfile(text);
  const { escape, instructions } = tree;
  const { preamble, stages } = stagesOf(tree);
  const properties = (instruction: Instruction): readonly Property[] => propertiesOf(instruction, escape);
  return {
    ...facts,
    text,
    lines: createLineIndex(text),
    tree,
    escape,
    preamble,
    stages,
    instructions,
    withKeyword: keywordIndex(instructions),
    parts: partsOf(preamble, stages),
    withTriggers: instructions.flatMap((one) => (one.trigger === undefined ? [one] : [one, one.trigger])),
    variables: resolveVariables({
      preamble,
      stages,
      sitesOf: (instruction) => knownSites(instruction, {}, tree),
      propertiesOf: properties,
    }),
    values: new Map(),
    properties,
  };
}
