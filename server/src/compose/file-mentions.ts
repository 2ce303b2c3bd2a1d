/** Every file and folder that a Compose file names. */
import { type ComposeNode, entriesOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';
import { folderOf, isAbsolute, resolvePath } from '../paths.ts';
import { readVolume } from './short-volume.ts';

export interface FileMention {
  /** Absolute. */
  readonly path: string;
  readonly span: Span;
  /** `env_file`, `build context` … */
  readonly what: string;
  readonly kind: 'file' | 'folder' | 'either';
  /** Compose fails when it is missing. */
  readonly required: boolean;
}

type Mention = Omit<FileMention, 'path'> & { readonly text: string };

/** Without those that hold a variable, are URLs, or start in the home folder. */
export function fileMentions({ root, services, source }: ComposeDocument): FileMention[] {
  if (source.path === undefined) return [];
  const folder = folderOf(source.path);
  const mentions = [...topLevel(root), ...services.flatMap(({ value }) => [...inService(value, folder)])];
  return mentions.flatMap(({ text, ...mention }) => {
    const isElsewhere = text.includes('$') || /^~|^[a-z][a-z0-9+.-]+:|^git@|\.git(?:#|$)/i.test(text);
    return isElsewhere || text.trim() === '' ? [] : [{ ...mention, path: resolvePath(folder, text) }];
  });
}

function* topLevel(root: ComposeNode | undefined): Generator<Mention> {
  for (const item of itemsOf(valueAt(root, 'include'))) {
    yield* pathOrPaths(item.kind === 'map' ? valueAt(item, 'path') : item, 'include');
    yield* pathOrPaths(valueAt(item, 'env_file'), 'include env_file');
  }
  for (const section of ['secrets', 'configs']) {
    for (const { value } of entriesOf(valueAt(root, section))) {
      yield* pathOrPaths(valueAt(value, 'file'), section.slice(0, -1), false);
    }
  }
}

function* inService(service: ComposeNode, folder: string): Generator<Mention> {
  for (const item of listOf(valueAt(service, 'env_file'))) {
    const required = valueAt(item, 'required');
    const isRequired = !(required?.kind === 'scalar' && required.value === false);
    yield* pathOrPaths(item.kind === 'map' ? valueAt(item, 'path') : item, 'env_file', isRequired);
  }
  yield* pathOrPaths(valueAt(service, 'label_file'), 'label_file');
  yield* pathOrPaths(valueAt(service, 'extends', 'file'), 'extends');
  yield* pathOrPaths(valueAt(service, 'credential_spec', 'file'), 'credential_spec', false);
  yield* buildFiles(valueAt(service, 'build'), folder);
  for (const volume of itemsOf(valueAt(service, 'volumes'))) {
    const { source } = readVolume(volume);
    const isBind = volume.kind !== 'map' || textAt(valueAt(volume, 'type')) === 'bind';
    if (source === undefined || source.isName || !isBind) continue;
    // The engine makes a folder that is missing.
    yield { text: source.text, span: source.span, what: 'volume', kind: 'either', required: false };
  }
}

function* buildFiles(build: ComposeNode | undefined, folder: string): Generator<Mention> {
  const context = build?.kind === 'map' ? valueAt(build, 'context') : build;
  const contextText = textAt(context) ?? '.';
  if (context?.kind === 'scalar' && textAt(context) !== undefined) {
    yield { text: contextText, span: context.span, what: 'build context', kind: 'folder', required: true };
  }
  const dockerfile = valueAt(build, 'dockerfile');
  const name = textAt(dockerfile);
  if (
    dockerfile === undefined ||
    name === undefined ||
    name.includes('$') ||
    contextText.includes('$') ||
    /^[a-z]+:|^git@/.test(contextText)
  )
    return;
  const text = isAbsolute(name) ? name : resolvePath(resolvePath(folder, contextText), name);
  yield { text, span: dockerfile.span, what: 'dockerfile', kind: 'file', required: true };
}

function* pathOrPaths(node: ComposeNode | undefined, what: string, required = true): Generator<Mention> {
  for (const item of listOf(node)) {
    const text = textAt(item);
    if (text !== undefined) yield { text, span: item.span, what, kind: 'file', required };
  }
}

function listOf(node: ComposeNode | undefined): readonly ComposeNode[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? node.items : [node];
}
