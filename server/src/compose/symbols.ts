import { type ComposeNode, type Entry, entriesOf, textAt } from '#model/compose/tree.ts';
import { spanOf } from '#model/text/span.ts';
import type { DocumentSymbol, SymbolKind } from '../language.ts';
import type { ComposeDocument } from './document.ts';

/** Sections, what is in them, and the keys of each. */
export function symbols({ root }: ComposeDocument): DocumentSymbol[] {
  return own(root).map((section) =>
    symbol(
      section,
      'section',
      own(section.value).map((one) => {
        const kind = section.key === 'services' ? 'service' : 'object';
        return symbol(
          one,
          kind,
          own(one.value).map((key) => symbol(key, 'key', [])),
        );
      }),
    ),
  );
}

function own(node: ComposeNode | undefined): Entry[] {
  return entriesOf(node).filter(({ merged }) => !merged);
}

function symbol({ key, keySpan, value }: Entry, kind: SymbolKind, children: readonly DocumentSymbol[]): DocumentSymbol {
  const image = kind === 'service' ? entriesOf(value).find((entry) => entry.key === 'image') : undefined;
  // What an alias stands for is elsewhere.
  const end = value.span.start >= keySpan.end ? Math.max(keySpan.end, value.span.end) : keySpan.end;
  return {
    name: key,
    detail: textAt(image?.value) ?? textAt(value) ?? '',
    kind,
    span: spanOf(keySpan.start, end),
    nameSpan: keySpan,
    children: children.filter(({ span }) => span.start >= keySpan.start && span.end <= end),
  };
}
