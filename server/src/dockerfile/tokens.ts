import { touches } from '#model/text/span.ts';
import type { SemanticToken } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { isInstruction } from './instructions.ts';
import { stageReferences } from './stage-references.ts';

/** What a grammar cannot know: stages and their uses, variables that are replaced, flags, directives. */
export function tokens(document: DockerfileDocument): SemanticToken[] {
  const { tree, stages, instructions, variables } = document;
  const found: SemanticToken[] = [];
  for (const { nameSpan } of tree.directives) found.push({ span: nameSpan, type: 'macro' });
  for (const { span } of tree.comments) found.push({ span, type: 'comment' });
  for (const { keyword, nameSpan, flags, heredocs, trigger } of instructions) {
    if (isInstruction(keyword)) found.push({ span: nameSpan, type: 'keyword' });
    if (trigger !== undefined && isInstruction(trigger.keyword))
      found.push({ span: trigger.nameSpan, type: 'keyword' });
    for (const flag of [...flags, ...(trigger?.flags ?? [])]) found.push({ span: flag.nameSpan, type: 'parameter' });
    for (const { nameSpan: name, terminator } of heredocs) {
      found.push({ span: name, type: 'macro' });
      if (terminator !== undefined) found.push({ span: terminator, type: 'macro' });
    }
  }
  for (const { as, name } of stages) {
    if (as !== undefined) found.push({ span: as.span, type: 'keyword' });
    if (name !== undefined) found.push({ span: name.span, type: 'class' });
  }
  for (const { stage, span, by, text } of stageReferences(stages)) {
    const isStage =
      by === 'FROM'
        ? stage.base !== undefined
        : stages.some(({ name }) => name?.text.toLowerCase() === text.toLowerCase());
    if (isStage) found.push({ span, type: 'class' });
  }
  for (const { property } of variables.definitions) found.push({ span: property.nameSpan, type: 'variable' });
  for (const { nameSpan, definition, predefined } of variables.uses) {
    if (definition !== undefined || predefined) found.push({ span: nameSpan, type: 'variable' });
  }
  return withoutOverlaps(found);
}

function withoutOverlaps(tokens: SemanticToken[]): SemanticToken[] {
  tokens.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  return tokens.filter((token, i) => {
    const previous = tokens[i - 1];
    return (
      previous === undefined || !touches(previous.span, token.span.start) || previous.span.end === token.span.start
    );
  });
}
