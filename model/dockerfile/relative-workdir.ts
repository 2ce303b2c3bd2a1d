import { bodyOf } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';

/** As it is written: neither from the root, nor from a drive, nor from a variable. */
export function isRelativeWorkdir(instruction: Instruction): boolean {
  return instruction.keyword === 'WORKDIR' && /^(?!["']?(?:[/$]|[a-z]:))./i.test(bodyOf(instruction));
}
