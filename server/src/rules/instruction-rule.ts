/** Rules that look at each instruction alone: where they found nothing, they look again only when its text has changed. */
import { append } from '#model/text/append.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Command } from '../dockerfile/commands.ts';
import type { DockerfileDocument } from '../dockerfile/document.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

type About = Omit<DockerfileRule, 'check'>;

export interface InstructionRule extends About {
  /** Most instructions are told at a glance to be none of the rule's business. */
  concerns?(instruction: Instruction): boolean;
  /** Of one instruction, or of what ONBUILD keeps for later. What is found depends on its text and on nothing else. */
  checkInstruction(instruction: Instruction, document: DockerfileDocument): Iterable<Problem>;
}

export function instructionRule({ concerns, checkInstruction, ...about }: InstructionRule): DockerfileRule {
  const rule: DockerfileRule = {
    ...about,
    check(document) {
      const problems: Problem[] = [];
      for (const instruction of document.instructionsFor(rule)) {
        if (concerns?.(instruction) === false) continue;
        const { passed } = document.factsOf(instruction);
        if (passed.has(rule)) continue;
        const found = [...checkInstruction(instruction, document)];
        if (found.length === 0) passed.add(rule);
        append(problems, found);
      }
      if (problems.length === 0) document.clean.add(rule);
      return problems;
    },
  };
  return rule;
}

export interface CommandRule extends About {
  /** Those that it is about, where they are known: most files start none of them. */
  readonly programs?: readonly string[];
  /** Of one program that a RUN starts. What is found depends on the text of the RUN and on nothing else. */
  checkCommand(command: Command, run: Instruction): readonly Problem[];
}

export function commandRule({ programs, checkCommand, ...about }: CommandRule): DockerfileRule {
  const rule: DockerfileRule = {
    ...about,
    check(document) {
      if (programs?.some((program) => document.programs.has(program)) === false) return [];
      const problems: Problem[] = [];
      for (const { instruction, commands } of document.runsFor(rule)) {
        const { passed } = document.factsOf(instruction);
        if (passed.has(rule)) continue;
        const before = problems.length;
        for (const command of commands) append(problems, checkCommand(command, instruction));
        if (problems.length === before) passed.add(rule);
      }
      if (problems.length === 0) document.clean.add(rule);
      return problems;
    },
  };
  return rule;
}
