import { spanOf } from '#model/text/span.ts';
import type { ImageQuery } from '../language.ts';
import { caretAt } from './caret.ts';
import type { ComposeDocument } from './document.ts';

/** Behind `image:` of a service. */
export function imageAt(document: ComposeDocument, offset: number): ImageQuery | undefined {
  const caret = caretAt(document, offset);
  if (caret?.at !== 'value' || caret.path.length !== 3 || caret.path[0] !== 'services' || caret.path[2] !== 'image') {
    return undefined;
  }
  const { prefix } = caret;
  if (!/^[\w./:-]*$/.test(prefix)) return undefined;
  const tagAt = prefix.lastIndexOf(':') > prefix.lastIndexOf('/') ? prefix.lastIndexOf(':') + 1 : 0;
  const rest = /^[\w./:-]*/.exec(document.text.slice(offset, offset + 300))?.[0].length ?? 0;
  return { prefix, span: spanOf(offset - prefix.length + tagAt, offset + rest) };
}
