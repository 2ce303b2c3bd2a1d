/**
 * Rules that a Compose file switches off itself:
 *   `# slipway ignore=A,B` (and `# dclint disable-line A B`) at the end of a line, or on a line of its own above it;
 *   `# dclint disable-next-line A B` above a line;
 *   `# slipway global ignore=A` anywhere, and as the first line `# dclint disable A B` or `# dclint disable-file`, for the
 *   whole file.
 * Without names, or with `*`, all rules are meant. The line of a key speaks for what is wrong in its list, as dclint reports it there.
 */
import { type ComposeNode, entriesOf, itemsOf } from '#model/compose/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { IsSuppressed } from '../lint/run-rules.ts';
import type { ComposeDocument } from './document.ts';

type Scope = 'file' | 'first line' | 'line' | 'next line';

const PRAGMAS: readonly { readonly pattern: RegExp; readonly scope: Scope }[] = [
  { pattern: /^slipway\s+global\s+ignore\s*=\s*(.*)$/, scope: 'file' },
  { pattern: /^slipway\s+ignore\s*=\s*(.*)$/, scope: 'line' },
  { pattern: /^dclint\s+disable-line\b(.*)$/, scope: 'line' },
  { pattern: /^dclint\s+disable-next-line\b(.*)$/, scope: 'next line' },
  { pattern: /^dclint\s+disable-file\b()/, scope: 'first line' },
  { pattern: /^dclint\s+disable(?![\w-])(.*)$/, scope: 'first line' },
];

export function suppressionsOf(document: ComposeDocument): IsSuppressed {
  const { tree, text, source } = document;
  const global = new Set<string>();
  const byLine = new Map<number, Set<string>>();
  const first = firstLine(text);
  for (const { text: comment, span } of tree.comments) {
    for (const { pattern, scope } of PRAGMAS) {
      const list = pattern.exec(comment)?.[1];
      if (list === undefined) continue;
      if (scope === 'first line' && span.start > first) break;
      const line = source.lines.lineAt(span.start);
      const ownLine = text.slice(source.lines.startOf(line), span.start).trim() === '';
      const target = ownLine || scope === 'next line' ? line + 1 : line;
      const everywhere = scope === 'file' || scope === 'first line';
      const set = everywhere ? global : (byLine.get(target) ?? new Set());
      const names = list.split(/[\s,]+/).filter((name) => name !== '');
      for (const name of names.length === 0 ? ['*'] : names) set.add(name);
      if (!everywhere) byLine.set(target, set);
      break;
    }
  }
  if (global.size === 0 && byLine.size === 0) return () => false;
  return (_rule, known, span) => {
    const names = ['*', 'all', ...known];
    const lines = [span.start, keyOf(tree.root, span.start) ?? span.start].map((at) => source.lines.lineAt(at));
    return names.some((name) => global.has(name) || lines.some((line) => byLine.get(line)?.has(name) === true));
  };
}

/** Where what dclint calls the first line may start at most. */
function firstLine(text: string): number {
  return /^(?:\s|---[ \t]*(?=#|$))*/m.exec(text)?.[0].length ?? 0;
}

/** Where the nearest key starts whose value is a list with the offset in it, or depends_on with its services. */
function keyOf(node: ComposeNode | undefined, offset: number): number | undefined {
  for (const { key, keySpan, value, merged } of entriesOf(node)) {
    if (merged || offset < value.span.start || offset > value.span.end || value.kind === 'scalar') continue;
    return keyOf(value, offset) ?? (value.kind === 'list' || key === 'depends_on' ? keySpan.start : undefined);
  }
  for (const item of itemsOf(node)) {
    if (offset >= item.span.start && offset <= item.span.end) return keyOf(item, offset);
  }
  return undefined;
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

/** The edit that adds a comment for the rule at the top, or the rule to the one that is there; dclint's stays the first. */
export function suppressInFile({ tree, text, source: { lines } }: ComposeDocument, rule: string): TextEdit {
  const there = tree.comments.find((comment) => /^slipway\s+global\s+ignore\s*=/.test(comment.text));
  if (there !== undefined) return { span: spanOf(there.span.end, there.span.end), text: `,${rule}` };
  const line = `# slipway global ignore=${rule}`;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const first = tree.comments.find(({ span }) => span.start <= firstLine(text));
  if (first !== undefined && /^dclint\s/.test(first.text)) {
    const end = lines.endOf(lines.lineAt(first.span.start));
    return { span: spanOf(end, end), text: `${newline}${line}` };
  }
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  return { span: spanOf(start, start), text: `${line}${newline}` };
}
