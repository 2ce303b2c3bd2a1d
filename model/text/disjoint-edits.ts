import { lastStarting } from './sorted.ts';
import type { Span } from './span.ts';

interface Placed {
  readonly span: Span;
}

export interface DisjointEdits<E extends Placed> {
  /** In the order of the text. */
  readonly edits: readonly E[];
  fits(edit: E): boolean;
  add(edit: E): void;
}

/** Edits none of which collides with another; quick also with tens of thousands. */
export function disjointEdits<E extends Placed>(collide: (a: E, b: E) => boolean): DisjointEdits<E> {
  const edits: E[] = [];
  const lastUpTo = (offset: number): number => lastStarting(edits, offset, ({ span }) => span.start);
  return {
    edits,
    fits(edit) {
      const { start, end } = edit.span;
      // They lie one behind the other: what ends before this one starts is not near, nor is what stands before that.
      for (let i = lastUpTo(end); i >= 0; i--) {
        const other = edits[i];
        if (other === undefined || other.span.end < start) break;
        if (collide(edit, other)) return false;
      }
      return true;
    },
    add(edit) {
      let at = lastUpTo(edit.span.start) + 1;
      // An insertion goes before what is replaced from the same place on.
      for (let before = edits[at - 1]; before !== undefined && comesBehind(before, edit); before = edits[at - 1]) at--;
      edits.splice(at, 0, edit);
    },
  };
}

function comesBehind({ span: a }: Placed, { span: b }: Placed): boolean {
  return a.start === b.start && a.end > b.end;
}
