import type { Instruction } from './syntax/tree.ts';

/** Behind HEALTHCHECK NONE's flags BuildKit does not look: any may stand there. */
export function readsNoFlags({ keyword, words }: Instruction): boolean {
  return keyword === 'HEALTHCHECK' && words[0]?.text.toUpperCase() === 'NONE';
}
