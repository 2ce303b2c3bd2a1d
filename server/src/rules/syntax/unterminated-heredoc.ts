import type { DockerfileRule } from '../dockerfile-rule.ts';

export const unterminatedHeredoc: DockerfileRule = {
  id: 'UnterminatedHeredoc',
  severity: 'error',
  fatal: true,
  title: 'A heredoc ends with its delimiter on a line of its own',
  *check({ tree, text }) {
    for (const { code, span, subject } of tree.problems) {
      if (code !== 'unterminated-heredoc') continue;
      const end = { start: text.length, end: text.length };
      const line = `${text.endsWith('\n') ? '' : '\n'}${subject}\n`;
      yield {
        span,
        message: `unterminated heredoc: the line '${subject}' is missing`,
        fixes: [{ title: `Add '${subject}' at the end`, edits: [{ span: end, text: line }] }],
      };
    }
  },
};
