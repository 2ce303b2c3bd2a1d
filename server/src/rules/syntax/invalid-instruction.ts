import { decodeInstruction } from '#model/dockerfile/decode.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { isInstruction } from '../../dockerfile/instructions.ts';
import type { Span } from '#model/text/span.ts';
import { isAlwaysEmpty } from '../../dockerfile/always-empty.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { Problem } from '#model/rules/rule.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

/**
 * What the builder refuses and no other rule explains, so that editor and builder never disagree.
 * @param specific the rules that explain single causes
 */
export function invalidInstruction(specific: readonly DockerfileRule[]): DockerfileRule {
  const rule: DockerfileRule = {
    id: 'InvalidInstruction',
    severity: 'error',
    fatal: true,
    title: 'An instruction must be one that the builder accepts',
    *check(document) {
      for (const { code, span, subject } of document.tree.problems) {
        if (code === 'line-too-long')
          yield { span, message: `dockerfile line greater than max allowed size of ${subject}` };
      }
      let explained: readonly Span[] | undefined;
      for (const instruction of document.instructions) {
        const { passed } = document.factsOf(instruction);
        if (cannotFail(instruction) || passed.has(rule)) continue;
        if (!isInstruction(instruction.keyword) || usesDevices(instruction)) continue;
        const decoded = decodeInstruction(instruction, document.text, document.escape);
        if (decoded.error === undefined) {
          const empty = emptyVolumes(document, instruction);
          yield* empty;
          const isOfTextAlone = instruction.keyword !== 'VOLUME' || !instruction.joined.text.includes('$');
          if (empty.length === 0 && isOfTextAlone) passed.add(rule);
          continue;
        }
        explained ??= specific.flatMap((other) => Array.from(other.check(document), ({ span }) => span));
        const { start, end } = instruction.span;
        if (explained.some((span) => span.start >= start && span.end <= end)) continue;
        yield { span: decoded.span, message: decoded.error };
      }
    },
  };
  return rule;
}

/** Plain enough that the builder takes it whatever its words are: most instructions are, and need not be read again. */
function cannotFail({ keyword, flags, words, heredocs, json, jsonHasOtherThanStrings }: Instruction): boolean {
  if (flags.length > 0 || jsonHasOtherThanStrings) return false;
  if (keyword === 'COPY') return json === undefined && heredocs.length === 0 && words.length > 1;
  return words.length > 0 && ['RUN', 'CMD', 'ENTRYPOINT', 'WORKDIR', 'USER', 'EXPOSE'].includes(keyword);
}

/** Told only when the words are expanded: `""`, and variables that nothing gives a value. */
function emptyVolumes(document: DockerfileDocument, instruction: Instruction): Problem[] {
  if (instruction.keyword !== 'VOLUME') return [];
  return (instruction.json?.items ?? instruction.words)
    .filter(({ text, span }) => /^(?:""|'')+$/.test(text) || isAlwaysEmpty(document, instruction, span))
    .map(({ span }) => ({ span, message: 'VOLUME specified can not be an empty string' }));
}

/** CDI devices are valid, whatever the builder at hand can do. */
function usesDevices({ flags }: Instruction): boolean {
  return flags.some(({ name }) => name === 'device');
}
