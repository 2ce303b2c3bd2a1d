import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { type ParsedConfig, parseDevContainer } from '#model/devcontainer/parse.ts';
import type { Source } from '../language.ts';
import { folderOf, resolvePath } from '../paths.ts';

/** A devcontainer.json read for the editor. */
export interface DevContainerDocument {
  readonly source: Source;
  readonly text: string;
  readonly tree: Node | undefined;
  /** Too deep to be looked at. */
  readonly tooDeep: boolean;
  readonly parsed: ParsedConfig;
  /** The string at the path of property names. */
  textAt(...path: readonly (string | number)[]): string | undefined;
  nodeAt(...path: readonly (string | number)[]): Node | undefined;
  /** A path of the file, absolute; undefined when it holds a variable. */
  resolve(path: string): string | undefined;
}

/** Fuel: deeper JSON is no configuration, and the parser is recursive. */
const DEEPEST = 200;

export function readDevContainer(source: Source): DevContainerDocument {
  const tooDeep = isTooDeep(source.text);
  const text = tooDeep ? '{}' : source.text;
  const tree = parseTree(text, [], { allowTrailingComma: true });
  let parsed: ParsedConfig | undefined;
  const nodeAt = (...path: readonly (string | number)[]): Node | undefined =>
    tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  return {
    source,
    text: source.text,
    tree,
    tooDeep,
    get parsed() {
      parsed ??= parseDevContainer(text);
      return parsed;
    },
    nodeAt,
    textAt(...path) {
      const value: unknown = nodeAt(...path)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    resolve: (path) =>
      source.path === undefined || path.includes('$') ? undefined : resolvePath(folderOf(source.path), path),
  };
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}
