import { type ComposeNode, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import { partSpan } from './scalars.ts';

export interface VolumePart {
  readonly text: string;
  readonly span: Span;
}

export interface Volume {
  /** Undefined for an anonymous volume. `isName`: of a named volume, not a path. */
  readonly source: (VolumePart & { readonly isName: boolean }) | undefined;
  readonly target: VolumePart | undefined;
  /** What stands behind the second colon. */
  readonly options: VolumePart | undefined;
  /** Sections between colons; 1 for the long form. */
  readonly parts: number;
}

const NOTHING: Volume = { source: undefined, target: undefined, options: undefined, parts: 1 };

/** A volume of a service, in its short form (`source:target:options`) or its long one. */
export function readVolume(node: ComposeNode): Volume {
  if (node.kind === 'map') return longForm(node);
  if (node.kind !== 'scalar') return NOTHING;
  const pieces = splitVolume(node.text);
  const part = (i: number): VolumePart | undefined => {
    const text = pieces[i];
    if (text === undefined) return undefined;
    const start = pieces.slice(0, i).reduce((sum, piece) => sum + piece.length + 1, 0);
    return { text, span: partSpan(node, start, start + text.length) };
  };
  if (pieces.length === 1) return { ...NOTHING, target: part(0) };
  const source = part(0);
  return {
    source: source === undefined ? undefined : { ...source, isName: isVolumeName(source.text) },
    target: part(1),
    options: part(2),
    parts: pieces.length,
  };
}

function longForm(node: ComposeNode): Volume {
  const source = valueAt(node, 'source');
  const target = valueAt(node, 'target');
  const isVolume = textAt(valueAt(node, 'type')) === 'volume';
  const text = textAt(source);
  const path = textAt(target);
  return {
    ...NOTHING,
    source:
      source?.kind !== 'scalar' || text === undefined
        ? undefined
        : { text, span: partSpan(source, 0, text.length), isName: isVolume && !text.includes('$') },
    target: target?.kind !== 'scalar' || path === undefined ? undefined : { text: path, span: target.span },
  };
}

const LETTER = /\p{L}/u;

/** Colons separate, but not those inside a variable, nor one behind a single letter: Compose takes that for a drive. */
function splitVolume(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{' && text[i - 1] === '$') depth++;
    else if (char === '}' && depth > 0) depth--;
    if (char !== ':' || depth > 0 || (i === start + 1 && LETTER.test(text[start] ?? ''))) continue;
    pieces.push(text.slice(start, i));
    start = i + 1;
  }
  return [...pieces, text.slice(start)];
}

function isVolumeName(text: string): boolean {
  return (
    text !== '' && !/^[./~\\]/.test(text) && !/^[a-z]:[\\/]/i.test(text) && !text.includes('$') && !/[\\/]/.test(text)
  );
}
