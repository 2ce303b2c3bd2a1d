import { decodeInstruction } from '#model/dockerfile/decode.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { isInstruction } from '../../dockerfile/instructions.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

/**
 * What the builder refuses and no other rule explains, so that editor and builder never disagree.
 * @param specific the rules that explain single causes
 */
export function invalidInstruction(specific: readonly DockerfileRule[]): DockerfileRule {
  return {
    id: 'InvalidInstruction',
    severity: 'error',
    fatal: true,
    title: 'An instruction must be one that the builder accepts',
    *check(document) {
      for (const instruction of document.instructions) {
        if (!isInstruction(instruction.keyword) || usesDevices(instruction)) continue;
        const decoded = decodeInstruction(instruction, document.text, document.escape);
        if (decoded.error === undefined || isExplained(document, instruction, specific)) continue;
        yield { span: decoded.span, message: decoded.error };
      }
    },
  };
}

/** CDI devices are valid, whatever the builder at hand can do. */
function usesDevices({ flags }: Instruction): boolean {
  return flags.some(({ name }) => name === 'device');
}

function isExplained(document: DockerfileDocument, { span }: Instruction, rules: readonly DockerfileRule[]): boolean {
  return rules.some((rule) => {
    for (const problem of rule.check(document)) {
      if (problem.span.start >= span.start && problem.span.end <= span.end) return true;
    }
    return false;
  });
}
