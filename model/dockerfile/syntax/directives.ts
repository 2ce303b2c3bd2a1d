/**
 * Parser directives: `# name=value` lines at the very top, until the first line that is not one. BuildKit reads them twice:
 * `check` and `syntax` also behind a shebang and only at the start of a line, `escape` the other way round.
 */
import { spanOf } from '#model/text/span.ts';
import { createLineReader } from './line-reader.ts';
import type { Directive, DockerfileTree, SyntaxProblem } from './tree.ts';

export const DIRECTIVE_NAMES: readonly string[] = ['check', 'escape', 'syntax'];

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;

interface Head {
  readonly directives: readonly Directive[];
  readonly escape: DockerfileTree['escape'];
  readonly problems: readonly SyntaxProblem[];
  /** Where the rest of the file starts. */
  readonly end: number;
}

export function readDirectives(text: string): Head {
  const directives: Directive[] = [];
  const problems: SyntaxProblem[] = [];
  let escape: DockerfileTree['escape'] = '\\';
  let end = text.startsWith('\uFEFF') ? 1 : 0;
  const hasShebang = text.startsWith('#!', end);
  const lines = createLineReader(text, end);
  if (hasShebang && lines.next()) end = behindLine(text, lines.end);
  while (lines.next()) {
    const directive = directiveAt(text, lines.start, lines.end);
    if (directive === undefined) break;
    end = behindLine(text, lines.end);
    if (directive.name === 'escape' ? hasShebang : directive.span.start > lines.start) continue;
    if (directives.some((other) => other.name === directive.name)) {
      problems.push({ code: 'duplicate-directive', span: directive.span, subject: directive.name });
    } else if (directive.name === 'escape') {
      if (directive.value === '\\' || directive.value === '`') escape = directive.value;
      else problems.push({ code: 'invalid-escape', span: directive.valueSpan, subject: directive.value });
    }
    directives.push(directive);
  }
  return { directives, escape, problems, end };
}

function behindLine(text: string, end: number): number {
  return text.startsWith('\r\n', end) ? end + 2 : Math.min(end + 1, text.length);
}

function directiveAt(text: string, start: number, end: number): Directive | undefined {
  let first = start;
  while (first < end && (text[first] === ' ' || text[first] === '\t')) first++;
  const line = text.slice(first, end);
  const match = DIRECTIVE.exec(line);
  const [, name, value] = match ?? [];
  if (name === undefined || value === undefined || !DIRECTIVE_NAMES.includes(name.toLowerCase())) return undefined;
  const nameStart = first + line.indexOf(name);
  const valueStart = first + line.indexOf(value, line.indexOf('=') + 1);
  return {
    span: spanOf(first, first + line.trimEnd().length),
    name: name.toLowerCase(),
    nameSpan: spanOf(nameStart, nameStart + name.length),
    value,
    valueSpan: spanOf(valueStart, valueStart + value.length),
  };
}
