/**
 * Where in a Compose file the caret is, by lines and indentation: while something is being written the text is rarely
 * valid YAML.
 */
import { type Span, spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';

export interface Caret {
  /** Keys and `[]` down to the mapping, list or key whose content is being written. */
  readonly path: readonly string[];
  /** A key is being written, or an item of a list; else the value of the path's last key. */
  readonly at: 'key' | 'value';
  /** What is already there. */
  readonly prefix: string;
  readonly span: Span;
  /** Keys beside it, with what stands behind their colons. */
  readonly siblings: ReadonlyMap<string, string>;
  /** It is in a mapping that is an item of a list. */
  readonly inItem: boolean;
  /** What lines below it are indented by, beyond what its own line is: as wide as its dashes. */
  readonly indent: string;
}

interface Line {
  /** Columns of its dashes. */
  readonly dashes: readonly number[];
  /** Column of what stands behind them. */
  readonly column: number;
  readonly content: string;
}

export function caretAt({ text, source }: ComposeDocument, offset: number): Caret | undefined {
  const { lines } = source;
  const number = lines.lineAt(offset);
  const line = readLine(text.slice(lines.startOf(number), offset));
  if (line.content.includes(' #') || line.content.startsWith('#')) return undefined;
  const read = (n: number): Line => readLine(text.slice(lines.startOf(n), lines.endOf(n)));
  const parents = parentsOf(line, number, read);
  const place = placeInLine(line.content, parents);
  const siblings = siblingsOf(line.column, number, lines.lineCount, read);
  const isFlow = place.path !== parents;
  const rest = /^[\w./-]*/.exec(text.slice(offset, lines.endOf(number)))?.[0] ?? '';
  return {
    ...place,
    span: spanOf(offset - place.prefix.length, offset + rest.length),
    siblings,
    inItem: !isFlow && parents.at(-1) === '[]' && (line.dashes.length === 0 || siblings.size > 0),
    indent: isFlow ? '' : ' '.repeat(line.column - (line.dashes[0] ?? line.column)),
  };
}

function readLine(text: string): Line {
  const dashes: number[] = [];
  let column = text.search(/\S|$/);
  while (/^-(?:\s|$)/.test(text.slice(column))) {
    dashes.push(column);
    column += 1 + (/^\s*/.exec(text.slice(column + 1))?.[0].length ?? 0);
  }
  return { dashes, column, content: text.slice(column) };
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#:'"[{&*!|>-][^#:]*?|[\w.$-]+))\s*:(?:\s|$)/;

function keyOf(content: string): string | undefined {
  const match = KEY.exec(content);
  return match === null ? undefined : (match[1] ?? match[2] ?? match[3]);
}

/** What the line stands in, from the root: keys of lines that are less indented, `[]` for dashes. */
function parentsOf(line: Line, number: number, read: (line: number) => Line): string[] {
  const path: string[] = line.dashes.map(() => '[]');
  let column = line.dashes[0] ?? line.column;
  let inList = line.dashes.length > 0;
  for (let above = number - 1; above >= 0 && column >= 0; above--) {
    const { dashes, column: inner, content } = read(above);
    if (content.trim() === '' || content.startsWith('#')) continue;
    const key = keyOf(content);
    const isParent = inList ? inner <= column && !dashes.includes(column) : inner < column;
    if (key !== undefined && isParent) {
      path.unshift(...dashes.map(() => '[]'), key);
      column = dashes[0] ?? inner;
      inList = dashes.length > 0;
      if (column === 0 && !inList) break;
    } else if (!inList) {
      const dash = dashes.findLast((at) => at < column);
      if (dash === undefined || inner !== column) continue;
      // An earlier key of the same item: its dash opens the list that we are in.
      path.unshift('[]');
      column = dashes[0] ?? dash;
      inList = true;
    }
  }
  return path;
}

/** Behind `key:` it is a value; in `[a, b` an item; else a key or an item of its own. */
function placeInLine(content: string, path: readonly string[]): Pick<Caret, 'path' | 'at' | 'prefix'> {
  const key = keyOf(content);
  if (key === undefined) return { path, at: 'key', prefix: unquoted(content) };
  const value = content.slice(content.indexOf(':') + 1).trimStart();
  const flow = /^\[(?:.*,)?\s*([^,\]]*)$/.exec(value);
  if (flow !== null) return { path: [...path, key, '[]'], at: 'key', prefix: unquoted(flow[1] ?? '') };
  return { path: [...path, key], at: 'value', prefix: unquoted(value) };
}

function unquoted(text: string): string {
  return text.replace(/^["']/, '');
}

function siblingsOf(column: number, number: number, count: number, read: (line: number) => Line): Map<string, string> {
  const found = new Map<string, string>();
  const collect = (step: 1 | -1): void => {
    for (let at = number + step; at >= 0 && at < count; at += step) {
      const line = read(at);
      if (line.content.trim() === '') continue;
      if (line.column < column) return;
      const key = line.column === column ? keyOf(line.content) : undefined;
      if (key !== undefined) found.set(key, line.content.slice(line.content.indexOf(':') + 1).trim());
      if (step === -1 && line.dashes.length > 0 && line.column === column) return;
    }
  };
  collect(-1);
  collect(1);
  return found;
}
