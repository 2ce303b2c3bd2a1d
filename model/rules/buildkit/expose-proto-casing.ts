import type { BuildCheck } from '../checked-dockerfile.ts';

export const exposeProtoCasing: BuildCheck = {
  id: 'ExposeProtoCasing',
  severity: 'warning',
  title: 'Protocol in EXPOSE instruction should be lowercase',
  *check({ instructions }) {
    for (const { keyword, words } of instructions) {
      if (keyword !== 'EXPOSE') continue;
      for (const { text, span } of words) {
        const protocol = /\/([^/$]*[A-Z][^/$]*)$/.exec(text)?.[1];
        if (protocol === undefined) continue;
        const place = { start: span.end - protocol.length, end: span.end };
        const lower = protocol.toLowerCase();
        yield {
          span: place,
          message: `Defined protocol '${text}' in EXPOSE instruction should be lowercase`,
          fixes: [{ title: `Change to '${lower}'`, edits: [{ span: place, text: lower }], safe: true }],
        };
      }
    }
  },
};
