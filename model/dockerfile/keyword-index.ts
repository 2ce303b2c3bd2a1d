import type { Instruction } from '#model/dockerfile/syntax/tree.ts';

/** Those of the instructions that have one of the keywords, in the order of the text. */
export type WithKeyword = (...keywords: readonly string[]) => readonly Instruction[];

/** Most rules are about a few instructions only: many ask for the same ones, which are looked for once. */
export function keywordIndex(instructions: readonly Instruction[]): WithKeyword {
  let byKeyword: Map<string, Instruction[]> | undefined;
  const chosen = new Map<string, readonly Instruction[]>();
  const choose = (keywords: readonly string[]): readonly Instruction[] => {
    byKeyword ??= Map.groupBy(instructions, ({ keyword }) => keyword);
    const groups = keywords.flatMap((keyword) => byKeyword?.get(keyword) ?? []);
    return keywords.length === 1 ? groups : groups.sort((a, b) => a.span.start - b.span.start);
  };
  return (...keywords) => {
    const key = keywords.join(' ');
    const known = chosen.get(key);
    if (known !== undefined) return known;
    const found = choose(keywords);
    chosen.set(key, found);
    return found;
  };
}
