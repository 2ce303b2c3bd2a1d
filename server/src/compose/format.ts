/** Formatting that changes no meaning: white space at the ends of lines, and the last line break. */
import { entriesOf, itemsOf, type ComposeNode } from '#model/compose/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';

export function format({ text, source, tree, root }: ComposeDocument): TextEdit[] {
  if (tree.problems.length > 0) return []; // who knows what it is
  const { lines } = source;
  const kept = root === undefined ? new Set<number>() : linesOfText(root, lines.lineAt);
  const edits: TextEdit[] = [];
  for (let line = 0; line < lines.lineCount; line++) {
    const end = lines.endOf(line);
    const content = text.slice(lines.startOf(line), end);
    const tail = content.length - content.trimEnd().length;
    if (tail > 0 && !kept.has(line)) edits.push({ span: spanOf(end - tail, end), text: '' });
  }
  const last = lines.lineCount - 1;
  if (text.trim() !== '' && lines.endOf(last) > lines.startOf(last) && !kept.has(last)) {
    edits.push({ span: spanOf(text.length, text.length), text: '\n' });
  }
  return edits;
}

/** Lines of scalars that run over several: their white space is a part of them. */
function linesOfText(root: ComposeNode, lineAt: (offset: number) => number): Set<number> {
  const found = new Set<number>();
  const seen = new Set<ComposeNode>();
  const visit = (node: ComposeNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'scalar') {
      const [first, last] = [lineAt(node.span.start), lineAt(node.span.end)];
      if (last > first) for (let line = first; line <= last; line++) found.add(line);
    }
    for (const item of itemsOf(node)) visit(item);
    for (const { value } of entriesOf(node)) visit(value);
  };
  visit(root);
  return found;
}
