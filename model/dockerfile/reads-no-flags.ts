import type { Instruction } from './syntax/tree.ts';

/** Where BuildKit does not look at flags: any may stand there, and none means anything. */
export function readsNoFlags({ keyword, words }: Instruction): boolean {
  if (keyword === 'ARG' || keyword === 'STOPSIGNAL') return true;
  return keyword === 'HEALTHCHECK' && words[0]?.text.toUpperCase() === 'NONE';
}
