import type { BuildCheck } from '../checked-dockerfile.ts';

export const exposeInvalidFormat: BuildCheck = {
  id: 'ExposeInvalidFormat',
  severity: 'warning',
  title: 'IP address and host-port mapping should not be used in EXPOSE instruction',
  *check({ withKeyword }) {
    for (const { words } of withKeyword('EXPOSE')) {
      for (const { text: written, span } of words) {
        const text = written.replaceAll(/["']/g, '');
        const port = /:([^:\]]+)$/.exec(text.replaceAll(/\$\{[^}]*\}/g, (part) => '_'.repeat(part.length)))?.[1];
        // `:80` names neither an address nor a port of the host.
        if (port === undefined || text.startsWith(':')) continue;
        const containerPort = text.slice(text.length - port.length);
        yield {
          span,
          message: `EXPOSE instruction should not define an IP address or host-port mapping, found '${text}'`,
          fixes: [{ title: `Expose ${containerPort} only`, edits: [{ span, text: containerPort }] }],
        };
      }
    }
  },
};
