/** Build stages of a tree: what each FROM starts, under which name, on which base. */
import type { DockerfileTree, Flag, Instruction, Word } from './tree.ts';

export interface Stage {
  /** Counts from 0, as in `COPY --from=0`. */
  readonly index: number;
  readonly from: Instruction;
  readonly image: Word | undefined;
  /** The `AS` word, and the name behind it. */
  readonly as: Word | undefined;
  readonly name: Word | undefined;
  readonly platform: Flag | undefined;
  /** The instructions after FROM. */
  readonly instructions: readonly Instruction[];
  /** The stage that this one is built on; undefined when the base is an image. */
  readonly base: Stage | undefined;
}

export interface Stages {
  /** Instructions before the first FROM. */
  readonly preamble: readonly Instruction[];
  readonly stages: readonly Stage[];
}

export function stagesOf(tree: DockerfileTree): Stages {
  const preamble: Instruction[] = [];
  const stages: Stage[] = [];
  let current: Instruction[] | undefined;
  for (const instruction of tree.instructions) {
    if (instruction.keyword === 'FROM') {
      current = [];
      stages.push(stageOf(instruction, current, stages));
    } else (current ?? preamble).push(instruction);
  }
  return { preamble, stages };
}

function stageOf(from: Instruction, instructions: readonly Instruction[], earlier: readonly Stage[]): Stage {
  const [image, as, name] = from.words;
  const named = as?.text.toLowerCase() === 'as';
  return {
    index: earlier.length,
    from,
    image,
    as: named ? as : undefined,
    name: named ? name : undefined,
    platform: from.flags.find((flag) => flag.name === 'platform'),
    instructions,
    base: image === undefined ? undefined : stageNamed(earlier, image.text),
  };
}

/** The last stage of that name: names are compared without case, and a later one hides an earlier one. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages.findLast((stage) => stage.name?.text.toLowerCase() === wanted);
}

/** What `--from=<text>` means to the stage at `index`: an earlier stage by name or number; otherwise an image. */
export function stageReferred(stages: readonly Stage[], text: string, index: number): Stage | undefined {
  const earlier = stages.slice(0, index);
  return stageNamed(earlier, text) ?? (/^\d+$/.test(text) ? earlier[Number(text)] : undefined);
}
