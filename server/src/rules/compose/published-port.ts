import { type ComposeNode, textAt, valueAt } from '#model/compose/tree.ts';

/** The host's port of a `ports` item as it is written, or the container's where there is no other. */
export function publishedPort(item: ComposeNode): string {
  if (item.kind === 'map') return textAt(valueAt(item, 'published')) ?? '';
  const [mapping = ''] = (textAt(item) ?? '').split('/');
  const pieces = piecesOf(mapping);
  return (isAddress(pieces[0] ?? '') ? pieces[1] : pieces[0]) ?? '';
}

/** The address that the item binds to; the empty string for none, undefined when a variable may hold one. */
export function boundAddress(item: ComposeNode): string | undefined {
  if (item.kind === 'map') return textAt(valueAt(item, 'host_ip')) ?? '';
  const pieces = piecesOf(textAt(item) ?? '');
  const [first = ''] = pieces;
  if (isAddress(first)) return first;
  return first.includes('$') && pieces.length !== 2 ? undefined : '';
}

/** Colons of a bracketed address and of `${X:-y}` divide nothing. */
function piecesOf(mapping: string): string[] {
  return mapping.split(/:(?![^[]*\])(?![^{]*\})/).map((piece) => piece.replaceAll(/^\[|\]$/g, ''));
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9a-f:.]+$/i.test(text));
}
