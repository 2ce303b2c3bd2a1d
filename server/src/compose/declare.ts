import { entryOf, valueAt } from '#model/compose/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { spanOf } from '#model/text/span.ts';
import type { ComposeDocument } from './document.ts';
import type { Section } from './project.ts';

/** The edit that defines a name in a top-level section, which is made when it is missing. */
export function declare({ root, text, source }: ComposeDocument, section: Section, name: string): TextEdit | undefined {
  const existing = entryOf(root, section);
  const value = valueAt(root, section);
  if (existing === undefined) {
    const end = text.trimEnd().length;
    return { span: spanOf(end, text.length), text: `\n\n${section}:\n  ${name}:\n` };
  }
  if (value?.kind === 'map' && text[value.span.start] !== '{') {
    const first = value.entries.find(({ merged }) => !merged);
    const indent = first === undefined ? 2 : source.lines.positionAt(first.keySpan.start).character;
    const at = source.lines.startOf(source.lines.lineAt(value.span.start));
    return first === undefined ? undefined : { span: spanOf(at, at), text: `${' '.repeat(indent)}${name}:\n` };
  }
  if (value?.kind === 'scalar' && value.value === null) {
    const at = source.lines.endOf(source.lines.lineAt(existing.keySpan.end));
    return { span: spanOf(at, at), text: `\n  ${name}:` };
  }
  return undefined;
}
