import { append } from '#model/text/append.ts';
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  visit,
} from 'yaml';
import { type Span, spanOf, textOf } from '#model/text/span.ts';
import { lexMarks } from './marks.ts';
import type { ComposeNode, ComposeTag, ComposeTree, Entry, ScalarNode, YamlProblem } from './tree.ts';

/** Keys that stand twice are found here: the package compares each with all before it. */
const OPTIONS = { logLevel: 'silent', prettyErrors: false, strict: false, uniqueKeys: false } as const;

/** Compose's own, and those of YAML 1.1 that the package leaves out. */
const KNOWN_TAG = /^(?:!reset|!override|!!(?:binary|merge|omap|pairs|set|timestamp|value|yaml))$/;

/** Never throws: any text gives a tree, with problems where it is no YAML. */
export function parseCompose(text: string): ComposeTree {
  const documents = [...parseAllDocuments(text, OPTIONS)];
  const [document] = documents;
  const problems = documents.flatMap((one) => one.errors.map((error) => problemOf(error, text)));
  const tags = documents.flatMap(({ warnings }) => warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'));
  const unknownTags = tags
    .map(({ pos: [start, end] }) => trimmed(text, spanOf(start, end)))
    .filter((span) => !KNOWN_TAG.test(textOf(text, span)));
  const report = (problem: YamlProblem): void => void problems.push(problem);
  return {
    text,
    root: document === undefined ? undefined : createReader(document, text, report).read(document.contents),
    problems,
    unknownTags,
    ...lexMarks(text),
  };
}

function problemOf(error: { readonly message: string; readonly pos: [number, number] }, text: string): YamlProblem {
  const [start, end] = error.pos;
  const from = Math.min(start, text.length);
  return { span: spanOf(from, Math.min(Math.max(end, from), text.length)), message: error.message, kind: 'syntax' };
}

interface Reader {
  read(node: unknown): ComposeNode | undefined;
}

/** What each alias stands for: the last node above it with that anchor. One walk for all, however many there are. */
function targetsOf(document: Document, text: string): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  if (!text.includes('*')) return targets;
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    },
  });
  return targets;
}

/** Nodes that are reached by several aliases are read once: a file of nested aliases stays small. */
function createReader(document: Document, text: string, report: (problem: YamlProblem) => void): Reader {
  const placeOf = (node: Node): Span => trimmed(text, spanOfNode(node));
  const known = new Map<Node, ComposeNode>();
  const underway = new Set<Node>();
  const targets = targetsOf(document, text);

  const read = (node: unknown): ComposeNode | undefined => {
    if (isAlias(node)) {
      const target = targets.get(node);
      return target === undefined || underway.has(target) ? undefined : read(target);
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return undefined;
    const found = known.get(node);
    if (found !== undefined) return found;
    underway.add(node);
    const made = isScalar(node) ? scalarOf(node, placeOf(node)) : isMap(node) ? readMap(node) : readList(node);
    underway.delete(node);
    known.set(node, made);
    return made;
  };
  const readList = (node: YAMLSeq): ComposeNode => ({
    kind: 'list',
    span: placeOf(node),
    items: node.items.map((item) => (isPair(item) ? undefined : read(item)) ?? missing(placeOf(node))),
    tag: tagOf(node),
  });
  const readMap = (node: YAMLMap): ComposeNode => {
    const merges: ComposeNode[] = [];
    const entries: Entry[] = [];
    const keys = new Set<string>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? pair.key : undefined;
      if (key === undefined) continue;
      const keySpan = spanOfNode(key);
      const name = keyText(key);
      if (keys.has(name))
        report({ span: keySpan, message: `the key '${textOf(text, keySpan)}' stands twice`, kind: 'duplicate-key' });
      keys.add(name);
      if (!isText(key)) report({ span: keySpan, message: `non-string key: ${name}`, kind: 'non-string-key' });
      const value = read(pair.value) ?? missing(spanOf(keySpan.end, keySpan.end));
      if (key.value === '<<' && key.type === 'PLAIN') append(merges, value.kind === 'list' ? value.items : [value]);
      else entries.push({ key: name, keySpan, value, merged: false });
    }
    const own = new Set(entries.map(({ key }) => key));
    for (const merge of merges) {
      const isNothing = merge.kind === 'scalar' && merge.value === null;
      if (merge.kind !== 'map' && !isNothing) {
        report({ span: merge.span, message: 'only a mapping, or a list of them, can be merged', kind: 'merge' });
      }
      for (const entry of merge.kind === 'map' ? merge.entries : []) {
        if (!own.has(entry.key)) entries.push({ ...entry, merged: true });
        own.add(entry.key);
      }
    }
    return { kind: 'map', span: placeOf(node), entries, tag: tagOf(node) };
  };
  return { read };
}

function scalarOf(node: Scalar, span: Span): ScalarNode {
  const { value } = node;
  const isPlain = node.type === 'PLAIN' || node.type === undefined;
  const style = isPlain ? 'plain' : node.type?.startsWith('BLOCK') === true ? 'block' : 'quoted';
  const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const text = simple === null ? '' : isPlain && node.source !== undefined ? node.source : String(simple);
  return { kind: 'scalar', span, value: simple, text, style, tag: tagOf(node) };
}

function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** Also what only YAML 1.1 takes for a number or a date: Compose's parser does, too. */
const OLD_NUMBER = /^[-+]?(?:0b[01_]+|0x[\da-f_]+|\d[\d_]*(?:\.[\d_]*)?)$|^\d{4}-\d\d?-\d\d?(?:[Tt ]|$)/i;

function isText({ type, value, tag, range }: Scalar): boolean {
  const isEmpty = range?.[0] === range?.[1];
  if (type !== 'PLAIN' || isEmpty) return true;
  return typeof value === 'string' && (tag === 'tag:yaml.org,2002:str' || !OLD_NUMBER.test(value));
}

/** What stands where a value is left out. */
function missing(span: Span): ScalarNode {
  return {
    kind: 'scalar',
    span: spanOf(span.start, span.start),
    value: null,
    text: '',
    style: 'plain',
    tag: undefined,
  };
}

function spanOfNode(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return spanOf(start, end);
}

/** A block collection ends for the parser where the next thing starts: not so for an editor. */
function trimmed(text: string, { start, end }: Span): Span {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last--;
  return spanOf(start, last);
}

function tagOf(node: Node): ComposeTag | undefined {
  return node.tag === '!reset' || node.tag === '!override' ? node.tag : undefined;
}
