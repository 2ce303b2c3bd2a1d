/** A Compose file as the editor sees it: every key and value with its place. Aliases and merge keys are resolved. */
import type { Span } from '#model/text/span.ts';

export type ComposeNode = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  /** In order; of a key that stands twice both are here. Entries that a merge key brought come last. */
  readonly entries: readonly Entry[];
  readonly tag: ComposeTag | undefined;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: ComposeNode;
  /** Brought by `<<`: its place is elsewhere in the file. */
  readonly merged: boolean;
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly ComposeNode[];
  readonly tag: ComposeTag | undefined;
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
  /** The value as text; the empty string for null. */
  readonly text: string;
  readonly style: 'plain' | 'quoted' | 'block';
  readonly tag: ComposeTag | undefined;
}

/** Compose's own tags: forget, or replace in place of merging with, what files before this one say. */
export type ComposeTag = '!reset' | '!override';

export interface ComposeTree {
  readonly text: string;
  /** Undefined for an empty file. */
  readonly root: ComposeNode | undefined;
  readonly problems: readonly YamlProblem[];
  /** Places of tags that are neither YAML's nor Compose's own. */
  readonly unknownTags: readonly Span[];
  readonly anchors: readonly Anchor[];
  readonly comments: readonly YamlComment[];
}

export interface YamlProblem {
  readonly span: Span;
  readonly message: string;
  /** `syntax`: what is read of the rest may be wrong. */
  readonly kind: 'syntax' | 'duplicate-key' | 'merge' | 'non-string-key';
}

export interface Anchor {
  readonly name: string;
  /** `&name`. */
  readonly span: Span;
  /** `*name`, everywhere. */
  readonly aliases: readonly Span[];
}

export interface YamlComment {
  readonly span: Span;
  /** Without the `#`, trimmed. */
  readonly text: string;
}

/** The last entry of that key: what counts. */
export function entryOf(node: ComposeNode | undefined, key: string): Entry | undefined {
  if (node?.kind !== 'map') return undefined;
  return (
    node.entries.find((entry) => entry.key === key && !entry.merged) ?? node.entries.find((entry) => entry.key === key)
  );
}

/** The value below a path of keys. */
export function valueAt(node: ComposeNode | undefined, ...path: readonly string[]): ComposeNode | undefined {
  let at = node;
  for (const key of path) at = entryOf(at, key)?.value;
  return at;
}

export function entriesOf(node: ComposeNode | undefined): readonly Entry[] {
  return node?.kind === 'map' ? node.entries : [];
}

export function itemsOf(node: ComposeNode | undefined): readonly ComposeNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** The scalar's text; undefined for maps, lists and null. */
export function textAt(node: ComposeNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined;
}
