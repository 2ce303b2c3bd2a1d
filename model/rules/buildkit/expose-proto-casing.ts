import type { BuildCheck } from '../checked-dockerfile.ts';

export const exposeProtoCasing: BuildCheck = {
  id: 'ExposeProtoCasing',
  severity: 'warning',
  title: 'Protocol in EXPOSE instruction should be lowercase',
  *check({ withKeyword }) {
    for (const { words } of withKeyword('EXPOSE')) {
      for (const { text, span } of words) {
        const [, protocol, quote = ''] = /\/([^/$"']*[A-Z][^/$"']*)(["']?)$/.exec(text) ?? [];
        if (protocol === undefined) continue;
        const end = span.end - quote.length;
        const place = { start: end - protocol.length, end };
        const lower = protocol.toLowerCase();
        yield {
          span: place,
          message: `Defined protocol '${text.replaceAll(/["']/g, '')}' in EXPOSE instruction should be lowercase`,
          fixes: [{ title: `Change to '${lower}'`, edits: [{ span: place, text: lower }], safe: true }],
        };
      }
    }
  },
};
