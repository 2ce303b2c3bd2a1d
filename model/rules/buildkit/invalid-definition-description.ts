import type { Comment, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { BuildCheck, CheckedDockerfile } from '../checked-dockerfile.ts';

/** Comments right above a FROM or ARG describe it in `docker build --call=outline`, when they start with its name. */
export const invalidDefinitionDescription: BuildCheck = {
  id: 'InvalidDefinitionDescription',
  severity: 'information',
  off: true,
  title: 'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`',
  *check(document) {
    for (const { names, instruction } of described(document)) {
      const comment = commentAbove(document, instruction);
      const [first = ''] = names;
      if (comment === undefined || names.includes(comment.text.split(' ', 1)[0] ?? '')) continue;
      const last = comment.span;
      const name = names.length > 1 ? '<arg_key>' : first;
      yield {
        span: instruction.nameSpan,
        message: `Comment for ${instruction.keyword} should follow the format: \`# ${name} <description>\``,
        fixes: [
          {
            title: `Start the comment with '${first}'`,
            edits: [{ span: { start: last.start, end: last.start + 1 }, text: `# ${first}` }],
          },
          {
            title: 'Separate the comment by an empty line',
            edits: [{ span: { start: last.end, end: last.end }, text: '\n' }],
          },
        ],
      };
    }
  },
};

function* described({ withKeyword, stages, properties }: CheckedDockerfile) {
  // BuildKit knows stages by lowercase names.
  for (const { name, from } of stages) {
    if (name !== undefined) yield { names: [name.text.toLowerCase()], instruction: from };
  }
  for (const instruction of withKeyword('ARG')) {
    const names = properties(instruction).map(({ name }) => name);
    if (names.length > 0) yield { names, instruction };
  }
}

/** The last one, without a gap; directives at the top are no comments. An empty comment separates. */
function commentAbove({ tree, lines }: CheckedDockerfile, instruction: Instruction): Comment | undefined {
  const comment = tree.comments.findLast(({ span }) => span.start < instruction.span.start);
  if (comment === undefined || comment.text === '') return undefined;
  return lines.lineAt(comment.span.start) === lines.lineAt(instruction.span.start) - 1 ? comment : undefined;
}
