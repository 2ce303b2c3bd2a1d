/** What a grammar cannot know: stages and their uses, variables that are replaced, flags, directives, commands of shells. */
import type { SemanticToken } from '../language.ts';
import { commandsOf } from './commands.ts';
import type { DockerfileDocument } from './document.ts';
import { isInstruction } from './instructions.ts';
import { layered } from './layered-tokens.ts';
import { stageReferences } from './stage-references.ts';

export function tokens(document: DockerfileDocument): SemanticToken[] {
  return layered([
    ...ofFile(document),
    ...document.withTriggers.flatMap(ofInstruction),
    ...ofStages(document),
    ...ofShell(document),
    ...ofVariables(document),
  ]);
}

function ofFile({ tree }: DockerfileDocument): SemanticToken[] {
  return [
    ...tree.directives.map(({ nameSpan }): SemanticToken => ({ span: nameSpan, type: 'macro' })),
    ...tree.comments.map(({ span }): SemanticToken => ({ span, type: 'comment' })),
  ];
}

function ofInstruction({
  keyword,
  nameSpan,
  flags,
  heredocs,
}: DockerfileDocument['instructions'][number]): SemanticToken[] {
  return [
    ...(isInstruction(keyword) ? [{ span: nameSpan, type: 'keyword' } as const] : []),
    ...flags.map((flag): SemanticToken => ({ span: flag.nameSpan, type: 'parameter' })),
    ...heredocs.flatMap(({ nameSpan: span, terminator }): SemanticToken[] => [
      { span, type: 'macro' },
      ...(terminator === undefined ? [] : [{ span: terminator, type: 'macro' } as const]),
    ]),
  ];
}

function* ofStages({ stages }: DockerfileDocument): Generator<SemanticToken> {
  for (const { as, name } of stages) {
    if (as !== undefined) yield { span: as.span, type: 'keyword' };
    if (name !== undefined) yield { span: name.span, type: 'class' };
  }
  const names = new Set(stages.flatMap(({ name }) => name?.text.toLowerCase() ?? []));
  for (const { stage, span, by, text } of stageReferences(stages)) {
    const isStage = by === 'FROM' ? stage.base !== undefined : names.has(text.toLowerCase());
    if (isStage) yield { span, type: 'class' };
  }
}

const SHELL_KEYWORDS: ReadonlySet<string> = new Set(['CMD', 'ENTRYPOINT', 'HEALTHCHECK', 'RUN']);

/** Programs, their flags and quoted words. */
function* ofShell(document: DockerfileDocument): Generator<SemanticToken> {
  for (const instruction of document.withTriggers) {
    if (!SHELL_KEYWORDS.has(instruction.keyword) || instruction.json !== undefined) continue;
    for (const { program, args } of commandsOf(instruction, document.text, document.factsOf(instruction))) {
      yield { span: program.span, type: 'function' };
      for (const { span } of args) {
        const written = document.text[span.start];
        if (written === '-') yield { span, type: 'parameter' };
        else if (written === '"' || written === "'") yield { span, type: 'string' };
      }
    }
  }
}

function* ofVariables({ variables }: DockerfileDocument): Generator<SemanticToken> {
  for (const { property } of variables.definitions) yield { span: property.nameSpan, type: 'variable' };
  for (const { nameSpan, definition, predefined } of variables.uses) {
    if (definition !== undefined || predefined) yield { span: nameSpan, type: 'variable' };
  }
}
