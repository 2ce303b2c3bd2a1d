/** The service that another one extends, in this or in another file. */
import { pathToFileURL } from 'node:url';
import { parseCompose } from '#model/compose/parse.ts';
import { type ComposeNode, type Entry, entryOf, type ScalarNode, textAt, valueAt } from '#model/compose/tree.ts';
import { touches } from '#model/text/span.ts';
import type { Source } from '../language.ts';
import { folderOf, resolvePath } from '../paths.ts';
import type { ComposeDocument } from './document.ts';

export interface Extended {
  readonly uri: string;
  /** Of the file that it stands in. */
  readonly text: string;
  readonly entry: Entry;
}

type InFile = Pick<ComposeDocument, 'root' | 'source' | 'text'>;

/** @param service the one that extends another */
export function extendedBy(document: InFile, service: ComposeNode): Extended | undefined {
  const extending = valueAt(service, 'extends');
  const file = textAt(valueAt(extending, 'file'));
  const name = textAt(extending) ?? textAt(valueAt(extending, 'service'));
  const of = file === undefined ? document : readBeside(document.source, file);
  const entry = name === undefined ? undefined : entryOf(valueAt(of?.root, 'services'), name);
  return of === undefined || entry === undefined ? undefined : { uri: of.source.uri, text: of.text, entry };
}

/** A Compose file that another one names, with a path from its folder. */
export function readBeside(source: Source, file: string): InFile | undefined {
  if (source.path === undefined || file.includes('$')) return undefined;
  const path = resolvePath(folderOf(source.path), file);
  const text = source.files.read(path);
  if (text === undefined) return undefined;
  return { root: parseCompose(text).root, text, source: { ...source, path, uri: pathToFileURL(path).href } };
}

/** The caret is on the name of a service that stands in another file. */
export function extendedElsewhereAt(
  document: ComposeDocument,
  offset: number,
): { readonly name: ScalarNode; readonly extended: Extended } | undefined {
  for (const { value } of document.services) {
    const extending = valueAt(value, 'extends');
    const name = valueAt(extending, 'service');
    if (name?.kind !== 'scalar' || valueAt(extending, 'file') === undefined || !touches(name.span, offset)) continue;
    const extended = extendedBy(document, value);
    return extended === undefined ? undefined : { name, extended };
  }
  return undefined;
}
