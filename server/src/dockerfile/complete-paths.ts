import { type Span, spanOf } from '#model/text/span.ts';
import { resolvePath } from '../paths.ts';
import type { Completion, Source } from '../language.ts';

/**
 * Files and folders below the folder, for a path that is being written.
 * @param hidden names with a dot are offered too when no dot is written
 * @param path from the folder on, up to the caret; the completion replaces what stands behind its last slash
 */
export function completePaths(
  { files }: Source,
  folder: string,
  path: string,
  span: Span,
  hidden = false,
): Completion[] {
  const slash = path.lastIndexOf('/');
  const directory = path.slice(0, slash + 1);
  const entries = files.list(resolvePath(folder, directory)) ?? [];
  const replaced = spanOf(span.start + slash + 1, span.end);
  return entries
    .filter(
      ({ name }) => hidden || (name !== '.git' && (!name.startsWith('.') || path.slice(slash + 1).startsWith('.'))),
    )
    .map(({ name, folder: isFolder }) => ({
      label: isFolder ? `${name}/` : name,
      kind: isFolder ? 'folder' : 'file',
      span: replaced,
      text: isFolder ? `${name}/` : name,
      rank: isFolder ? 0 : 1,
      continues: isFolder,
    }));
}
