import { bodyOf } from '#model/dockerfile/syntax/joined-text.ts';
import { propertiesOf } from '#model/dockerfile/syntax/properties.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { spanOf } from '#model/text/span.ts';
import type { DocumentSymbol } from '../language.ts';
import type { DockerfileDocument } from './document.ts';

const LONGEST_DETAIL = 60;

/** Stages with what is in them; arguments before the first stage beside them. */
export function symbols({ preamble, stages, escape }: DockerfileDocument): DocumentSymbol[] {
  const before = preamble.map((instruction) => instructionSymbol(instruction, escape));
  const inStages = stages.map(({ name, image, from, index, instructions }): DocumentSymbol => {
    const last = instructions.at(-1) ?? from;
    return {
      name: name?.text ?? image?.text ?? `stage ${index}`,
      detail: name === undefined ? '' : `FROM ${image?.text ?? ''}`,
      kind: 'stage',
      span: spanOf(from.span.start, last.span.end),
      nameSpan: name?.span ?? from.nameSpan,
      children: instructions.map((instruction) => instructionSymbol(instruction, escape)),
    };
  });
  return [...before, ...inStages];
}

function instructionSymbol(instruction: Instruction, escape: '\\' | '`'): DocumentSymbol {
  const { keyword, nameSpan, span } = instruction;
  const [property] = propertiesOf(instruction, escape);
  const isVariable = (keyword === 'ARG' || keyword === 'ENV') && property !== undefined;
  const body = bodyOf(instruction).replaceAll(/\s+/g, ' ');
  const detail = body.length > LONGEST_DETAIL ? `${body.slice(0, LONGEST_DETAIL - 1)}…` : body;
  return {
    name: isVariable ? `${keyword} ${property.name}` : keyword,
    detail: isVariable ? (property.value ?? '') : detail,
    kind: isVariable ? 'variable' : 'instruction',
    span,
    nameSpan: isVariable ? property.nameSpan : nameSpan,
    children: [],
  };
}
