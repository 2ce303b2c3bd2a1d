/**
 * Rules that a Compose file switches off itself:
 *   `# slipway ignore=A,B` (and `# dclint disable-line A B`) at the end of a line, or on a line of its own above it;
 *   `# slipway global ignore=A` (and `# dclint disable A B`) anywhere, for the whole file.
 */
import type { TextEdit } from '#model/text/edit.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { IsSuppressed } from '../lint/run-rules.ts';
import type { ComposeDocument } from './document.ts';

const PRAGMAS: readonly { readonly pattern: RegExp; readonly global: boolean }[] = [
  { pattern: /^slipway\s+global\s+ignore\s*=\s*(.*)$/, global: true },
  { pattern: /^slipway\s+ignore\s*=\s*(.*)$/, global: false },
  { pattern: /^dclint\s+disable-line\b(.*)$/, global: false },
  { pattern: /^dclint\s+disable\b(.*)$/, global: true },
];

export function suppressionsOf({ tree, text, source }: ComposeDocument): IsSuppressed {
  const global = new Set<string>();
  const byLine = new Map<number, Set<string>>();
  for (const comment of tree.comments) {
    for (const { pattern, global: everywhere } of PRAGMAS) {
      const list = pattern.exec(comment.text)?.[1];
      if (list === undefined) continue;
      const names = list.split(/[\s,]+/).filter((name) => name !== '');
      const line = source.lines.lineAt(comment.span.start);
      const ownLine = text.slice(source.lines.startOf(line), comment.span.start).trim() === '';
      const target = ownLine ? line + 1 : line;
      const set = everywhere ? global : (byLine.get(target) ?? new Set());
      for (const name of names.length === 0 ? ['all'] : names) set.add(name);
      if (!everywhere) byLine.set(target, set);
      break;
    }
  }
  return (_rule, known, span) => {
    const names = ['all', ...known];
    const here = byLine.get(source.lines.lineAt(span.start));
    return names.some((name) => global.has(name) || here?.has(name) === true);
  };
}

/** The edit that adds a comment for the rule at the end of the line, or the rule to the one that is there. */
export function suppressAt({ tree, source }: ComposeDocument, rule: string, span: Span): TextEdit {
  const line = source.lines.lineAt(span.start);
  const there = tree.comments.find((comment) => source.lines.lineAt(comment.span.start) === line);
  if (there !== undefined && /^slipway\s+ignore\s*=/.test(there.text)) {
    return { span: spanOf(there.span.end, there.span.end), text: `,${rule}` };
  }
  if (there === undefined) {
    const end = source.lines.endOf(line);
    return { span: spanOf(end, end), text: ` # slipway ignore=${rule}` };
  }
  const start = source.lines.startOf(line);
  return { span: spanOf(start, start), text: `# slipway ignore=${rule}\n` };
}
