import type { Comment, Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { BuildCheck, CheckedDockerfile } from '../checked-dockerfile.ts';

/** Comments right above a FROM or ARG describe it in `docker build --call=outline`, when they start with its name. */
export const invalidDefinitionDescription: BuildCheck = {
  id: 'InvalidDefinitionDescription',
  severity: 'information',
  off: true,
  title: 'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`',
  *check(document) {
    for (const { name, instruction } of described(document)) {
      const comments = commentsAbove(document, instruction);
      if (comments.length === 0 || comments.some(({ text }) => text === name || text.startsWith(`${name} `))) continue;
      const last = comments.at(-1)?.span ?? instruction.nameSpan;
      yield {
        span: last,
        message: `Comment for ${instruction.keyword} should follow the format: \`# ${name} <description>\``,
        fixes: [
          {
            title: `Start the comment with '${name}'`,
            edits: [{ span: { start: last.start, end: last.start + 1 }, text: `# ${name}` }],
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

function* described({ instructions, stages, properties }: CheckedDockerfile) {
  for (const { name, from } of stages) if (name !== undefined) yield { name: name.text, instruction: from };
  for (const instruction of instructions) {
    const [first, ...others] = instruction.keyword === 'ARG' ? properties(instruction) : [];
    if (first !== undefined && others.length === 0) yield { name: first.name, instruction };
  }
}

/** Without a gap; directives at the top are no comments. An empty comment starts anew. */
function commentsAbove({ tree, lines }: CheckedDockerfile, instruction: Instruction): readonly Comment[] {
  const found: Comment[] = [];
  let line = lines.lineAt(instruction.span.start) - 1;
  for (let i = tree.comments.length - 1; i >= 0; i--) {
    const comment = tree.comments[i];
    if (comment === undefined || comment.span.start > instruction.span.start) continue;
    if (lines.lineAt(comment.span.start) !== line || comment.text === '') break;
    found.unshift(comment);
    line--;
  }
  return found;
}
