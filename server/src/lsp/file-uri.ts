import { fileURLToPath } from 'node:url';

/** The path of a file URI; undefined for a text that is not saved yet, and for files elsewhere. */
export function pathOfUri(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined; // a file URI with a host name, say
  }
}
