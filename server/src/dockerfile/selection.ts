import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import { nestedSpans } from '../selection.ts';
import { type DockerfileDocument, instructionAt } from './document.ts';

/** Word, argument, flag, all arguments, instruction, stage, file; lines and content of heredocs. */
export function selection(document: DockerfileDocument, offset: number): Span[] {
  return nestedSpans(candidates(document, offset), offset);
}

function* candidates(document: DockerfileDocument, offset: number): Generator<Span> {
  const { text, stages, source, tree, variables } = document;
  yield wordAround(text, offset);
  for (const { span, nameSpan } of variables.uses) yield* [nameSpan, span];
  for (const { property } of variables.definitions) yield* [property.nameSpan, property.span];
  yield* tree.comments.map(({ span }) => span);
  const instruction = instructionAt(document, offset);
  if (instruction !== undefined) {
    if (instruction.json === undefined) yield* instruction.words.map(({ span }) => span);
    for (const { span } of instruction.json?.items ?? []) yield* [spanOf(span.start + 1, span.end - 1), span];
    for (const flag of instruction.flags) {
      yield flag.span;
      if (flag.valueSpan !== undefined) yield flag.valueSpan;
    }
    for (const { content } of instruction.heredocs) {
      const line = source.lines.lineAt(offset);
      yield* [spanOf(source.lines.startOf(line), source.lines.endOf(line)), content];
    }
    yield* [bodySpan(instruction), instruction.headSpan, instruction.span];
  }
  for (const { from, instructions } of stages) yield spanOf(from.span.start, (instructions.at(-1) ?? from).span.end);
  yield spanOf(0, text.length);
}

function wordAround(text: string, offset: number): Span {
  let [start, end] = [offset, offset];
  while (start > 0 && /\w/.test(text[start - 1] ?? '')) start--;
  while (/\w/.test(text[end] ?? '')) end++;
  return spanOf(start, end);
}
