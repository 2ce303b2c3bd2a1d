import { entryOf, itemsOf } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

/** What YAML reads as the same text without quotes. */
const PLAIN = /^[\w./~$][\w./~${}:@+=,-]*$/;

export const quotedVolumes: ComposeRule = {
  id: 'no-quotes-in-volumes',
  severity: 'warning',
  title: 'Volumes are written without quotes',
  *check({ services, text }) {
    for (const { value, merged } of services) {
      const volumes = entryOf(value, 'volumes');
      for (const volume of merged || volumes?.merged === true ? [] : itemsOf(volumes?.value)) {
        if (volume.kind !== 'scalar' || volume.style === 'plain') continue;
        const isSame =
          text.slice(volume.span.start + 1, volume.span.end - 1) === volume.text && PLAIN.test(volume.text);
        const edits = [{ span: volume.span, text: volume.text }];
        yield {
          span: volume.span,
          message: 'volumes need no quotes',
          fixes: isSame ? [{ title: 'Remove the quotes', edits, safe: true }] : [],
        };
      }
    }
  },
};
