import { disjointEdits } from '#model/text/disjoint-edits.ts';
import type { TextEdit } from '#model/text/edit.ts';
import type { Fix } from '#model/rules/rule.ts';

/**
 * The edits of all fixes that can be made together. A fix is made wholly or not at all: of those that touch the same text
 * the earlier in the list goes first, the other waits for the next time.
 */
export function compatibleEdits(fixes: readonly Fix[]): TextEdit[] {
  const merged = disjointEdits(collide);
  for (const { edits } of fixes) {
    if (edits.every((edit) => merged.fits(edit))) for (const edit of edits) merged.add(edit);
  }
  return [...merged.edits];
}

/** Two insertions at one place collide too: which comes first is not known. */
function collide({ span: a }: TextEdit, { span: b }: TextEdit): boolean {
  if (a.start === a.end || b.start === b.end) return a.start <= b.end && b.start <= a.end;
  return a.start < b.end && b.start < a.end;
}
