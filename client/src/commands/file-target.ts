import { fileURLToPath } from 'node:url';

/**
 * The path of the file that a command was called for: with a URI as text by a lens, with the editor's own URI by a menu.
 * undefined for what is not on disk.
 */
export function asFile(target: unknown): string | undefined {
  if (typeof target === 'string') return target.startsWith('file:') ? fileURLToPath(target) : undefined;
  if (typeof target !== 'object' || target === null) return undefined;
  if (!('scheme' in target) || target.scheme !== 'file' || !('fsPath' in target)) return undefined;
  return typeof target.fsPath === 'string' ? target.fsPath : undefined;
}
