import type { Node } from 'jsonc-parser';
import { type Span, spanOf } from '#model/text/span.ts';
import type { DevContainerDocument } from './document.ts';

export interface FileMention {
  /** Absolute. */
  readonly path: string;
  /** Without the quotes. */
  readonly span: Span;
  readonly what: string;
  readonly kind: 'file' | 'folder';
}

/** Files and folders that the configuration names. */
export function fileMentions(document: DevContainerDocument): FileMention[] {
  const found: FileMention[] = [];
  const add = (node: Node | undefined, what: string, kind: FileMention['kind']): void => {
    const value: unknown = node?.value;
    const path = typeof value === 'string' && value !== '' ? document.resolve(value) : undefined;
    if (node !== undefined && path !== undefined) found.push({ path, span: insideQuotes(node), what, kind });
  };
  add(document.nodeAt('build', 'dockerfile') ?? document.nodeAt('dockerFile'), 'build.dockerfile', 'file');
  add(document.nodeAt('build', 'context') ?? document.nodeAt('context'), 'build.context', 'folder');
  const compose = document.nodeAt('dockerComposeFile');
  for (const node of compose?.type === 'array' ? (compose.children ?? []) : [compose])
    add(node, 'dockerComposeFile', 'file');
  return found;
}

export function insideQuotes({ offset, length }: Node): Span {
  return spanOf(offset + 1, Math.max(offset + 1, offset + length - 1));
}
