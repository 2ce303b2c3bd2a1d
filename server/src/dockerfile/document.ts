import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { propertiesOf, type Property } from '#model/dockerfile/syntax/properties.ts';
import { type Stage, stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { lastStarting } from '#model/text/sorted.ts';
import { touches } from '#model/text/span.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { keywordIndex, type WithKeyword } from '#model/dockerfile/keyword-index.ts';
import type { CheckedDockerfile } from '#model/rules/checked-dockerfile.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import type { Source } from '../language.ts';
import { contextIgnores } from './context-ignores.ts';
import { type Command, type RunStep, runSteps } from './commands.ts';
import { type HadolintConfig, readHadolintConfig } from './hadolint-config.ts';
import { type Part, partsOf } from '#model/dockerfile/parts.ts';
import { type FactsByText, factsOfTree, type TextFacts } from './text-facts.ts';
import { knownSites } from '#model/dockerfile/variable-sites.ts';
import { resolveVariables, type Variables } from '#model/dockerfile/variables.ts';

/** A Dockerfile read for the editor. What costs time and is not always needed is computed when first asked for. */
export interface DockerfileDocument extends CheckedDockerfile {
  readonly source: Source;
  readonly facts: FactsByText;
  /** The instructions of all parts. */
  readonly inParts: readonly Instruction[];
  /** Of `inParts`: what ONBUILD keeps for later is what it will be. */
  readonly inPartsWith: WithKeyword;
  /** What the LABEL instructions of all parts set. */
  readonly labels: readonly Property[];
  /** Of all parts. */
  readonly runs: readonly RunStep[];
  /** Of all runs. */
  readonly commands: readonly Command[];
  /** Names of the programs that those start. */
  readonly programs: ReadonlySet<string>;
  readonly hadolint: HadolintConfig;
  /** Rules that look at each instruction alone, and found nothing wrong in any. */
  readonly clean: Set<object>;
  /** Of `withTriggers`, those that such a rule has to look at: nothing was wrong with the others in the version before. */
  instructionsFor(rule: object): readonly Instruction[];
  /** The same of `runs`. */
  runsFor(rule: object): readonly RunStep[];
  /** Of an instruction of the file; of what ONBUILD keeps nothing is known in advance. */
  factsOf(instruction: Instruction): TextFacts;
}

/** @param previous the version before: what is known of texts that are still there is taken over */
export function readDockerfile(
  source: Source,
  previous?: Pick<DockerfileDocument, 'escape' | 'facts' | 'tree' | 'clean'>,
): DockerfileDocument {
  const tree = parseDockerfile(source.text, previous?.tree);
  const known = previous?.escape === tree.escape ? previous : undefined;
  const { byText, byInstruction, news } = factsOfTree(tree, known?.facts);
  const { preamble, stages } = stagesOf(tree);
  let variables: Variables | undefined;
  let hadolint: HadolintConfig | undefined;
  let parts: readonly Part[] | undefined;
  let inParts: readonly Instruction[] | undefined;
  let inPartsWith: WithKeyword | undefined;
  let labels: readonly Property[] | undefined;
  let runs: readonly RunStep[] | undefined;
  let commands: readonly Command[] | undefined;
  let programs: ReadonlySet<string> | undefined;
  const hasTriggers = tree.instructions.some(({ trigger }) => trigger !== undefined);
  const withTriggers = hasTriggers ? tree.instructions.flatMap(withTrigger) : tree.instructions;
  // Of a trigger nothing is known in advance.
  const isNew = (instruction: Instruction): boolean => news.has(instruction) || !byInstruction.has(instruction);
  const newInstructions = withTriggers.filter(isNew);
  let newRuns: readonly RunStep[] | undefined;
  return {
    source,
    text: source.text,
    lines: source.lines,
    given: source.build?.args ?? {},
    mayComeFromImage,
    tree,
    escape: tree.escape,
    preamble,
    stages,
    instructions: tree.instructions,
    withKeyword: keywordIndex(tree.instructions),
    withTriggers,
    facts: byText,
    values: new Map(),
    get ignores() {
      return contextIgnores(source);
    },
    get variables() {
      return (variables ??= variablesOf(this));
    },
    get parts() {
      return (parts ??= partsOf(preamble, stages));
    },
    get inParts() {
      return (inParts ??= this.parts.flatMap(({ instructions }) => instructions));
    },
    get inPartsWith() {
      return (inPartsWith ??= keywordIndex(this.inParts));
    },
    get labels() {
      return (labels ??= this.inPartsWith('LABEL').flatMap((one) => this.properties(one)));
    },
    get runs() {
      return (runs ??= runSteps(this.parts, source.text, (instruction) => this.factsOf(instruction)));
    },
    get commands() {
      return (commands ??= this.runs.flatMap((run) => run.commands));
    },
    get programs() {
      return (programs ??= new Set(this.commands.map(({ program }) => program.text)));
    },
    get hadolint() {
      return (hadolint ??= readHadolintConfig(source));
    },
    clean: new Set(),
    instructionsFor: (rule) => (known?.clean.has(rule) === true ? newInstructions : withTriggers),
    runsFor(rule) {
      if (known?.clean.has(rule) !== true) return this.runs;
      newRuns ??= this.runs.filter(({ instruction }) => isNew(instruction));
      return newRuns;
    },
    factsOf: (instruction) => byInstruction.get(instruction) ?? { passed: new Set() },
    properties: (instruction) => knownProperties(instruction, tree.escape),
  };
}

function variablesOf(document: DockerfileDocument): Variables {
  return resolveVariables({
    preamble: document.preamble,
    stages: document.stages,
    sitesOf: (instruction) => knownSites(instruction, document.factsOf(instruction), document.tree),
    propertiesOf: (instruction) => document.properties(instruction),
  });
}

/** Instructions above a change are the same objects in the next version of the text, with the same escape character. */
const PROPERTIES = new WeakMap<Instruction, readonly Property[]>();

function knownProperties(instruction: Instruction, escape: DockerfileDocument['escape']): readonly Property[] {
  let found = PROPERTIES.get(instruction);
  if (found === undefined) PROPERTIES.set(instruction, (found = propertiesOf(instruction, escape)));
  return found;
}

function withTrigger(instruction: Instruction): Instruction[] {
  return instruction.trigger === undefined ? [instruction] : [instruction, instruction.trigger];
}

/** The instruction at the offset; the caret behind the last character counts. */
export function instructionAt(document: DockerfileDocument, offset: number): Instruction | undefined {
  const { instructions } = document;
  const index = lastStarting(instructions, offset, ({ span }) => span.start);
  // Of two that touch the first one is meant.
  return [instructions[index - 1], instructions[index]].find((one) => one !== undefined && touches(one.span, offset));
}

/** The stage that the instruction belongs to, its FROM included. */
export function stageOf(document: DockerfileDocument, instruction: Instruction): Stage | undefined {
  return document.stages[lastStarting(document.stages, instruction.span.start, ({ from }) => from.span.start)];
}
