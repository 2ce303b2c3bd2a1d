/**
 * What is known of an instruction by its text alone. It holds wherever the text stands, also in the next version of the
 * file: while somebody types, all instructions but one keep their text.
 */
import type { DockerfileTree, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { ShellCommand } from './shell.ts';
import type { KnownSites } from '#model/dockerfile/variable-sites.ts';

export interface TextFacts {
  /** Rules that look at each instruction alone, and found nothing wrong in this one. */
  readonly passed: Set<object>;
  /** What it starts, as far as somebody asked; offsets are those in its joined text, and in its first heredoc. */
  shell?: { readonly line: readonly ShellCommand[]; readonly heredoc: readonly ShellCommand[] };
  /** As far as somebody asked. */
  variables?: KnownSites;
}

/** Text of an instruction, heredocs included -> what is known of it. */
export type FactsByText = ReadonlyMap<string, TextFacts>;

/**
 * @param previous what was known in the version before, with the same escape character
 * @returns also the instructions whose text the version before did not have
 */
export function factsOfTree({ text, instructions }: DockerfileTree, previous: FactsByText | undefined) {
  const byText = new Map<string, TextFacts>();
  const byInstruction = new Map<Instruction, TextFacts>();
  const news = new Set<Instruction>();
  for (const instruction of instructions) {
    const own = text.slice(instruction.span.start, instruction.span.end);
    const known = previous?.get(own);
    const facts = byText.get(own) ?? known ?? { passed: new Set() };
    if (known === undefined) news.add(instruction);
    byText.set(own, facts);
    byInstruction.set(instruction, facts);
  }
  return { byText, byInstruction, news };
}
