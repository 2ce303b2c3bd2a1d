import * as v from 'valibot';
import { type ComposeNode, type Entry, entryOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Fix } from '#model/rules/rule.ts';
import { boundAddress, publishedPort } from './published-port.ts';

interface Published {
  readonly port: string;
  readonly range: readonly [low: number, high: number];
  readonly protocol: string;
  readonly address: string;
  readonly span: Span;
}

/** A port without one of the host counts as published under its own number, as dclint sees it. */
function publishedBy(service: Entry): Published[] {
  const ports = entryOf(service.value, 'ports');
  return itemsOf(service.merged || ports?.merged === true ? undefined : ports?.value).flatMap((node) => {
    const port = publishedPort(node);
    if (!/^\d+(?:-\d+)?$/.test(port)) return [];
    const protocol = node.kind === 'map' ? textAt(valueAt(node, 'protocol')) : /\/(\w+)$/.exec(textAt(node) ?? '')?.[1];
    return [
      {
        port,
        range: rangeOf(port),
        protocol: protocol ?? 'tcp',
        address: boundAddress(node) ?? '',
        span: placeOf(node),
      },
    ];
  });
}

function placeOf(node: ComposeNode): Span {
  return (node.kind === 'map' ? valueAt(node, 'published') : undefined)?.span ?? node.span;
}

export const duplicatePublishedPort: ComposeRule = {
  id: 'no-duplicate-exported-ports',
  severity: 'error',
  title: 'A port of the host is published once',
  *check({ services }) {
    const taken: (Published & { service: string; profiles: string })[] = [];
    for (const service of services) {
      const profiles = itemsOf(valueAt(service.value, 'profiles')).map(textAt).join();
      for (const one of publishedBy(service)) {
        // Services of different profiles need not run together.
        const clash = taken.find((other) => collide(one, other) && other.profiles === profiles);
        if (clash !== undefined) {
          yield {
            span: one.span,
            message: `port ${one.port}/${one.protocol} of the host is already published by service '${clash.service}'`,
          };
        }
        taken.push({ ...one, service: service.key, profiles });
      }
    }
  },
};

function collide(a: Published, b: Published): boolean {
  if (a.range[0] > b.range[1] || b.range[0] > a.range[1] || a.protocol !== b.protocol) return false;
  const anywhere = (address: string): boolean => address === '' || address === '0.0.0.0' || address === '::';
  return a.address === b.address || anywhere(a.address) || anywhere(b.address);
}

function rangeOf(port: string): [number, number] {
  const [low = '', high] = port.split('-');
  return [Number(low), Number(high ?? low)];
}

export const duplicateContainerName: ComposeRule = {
  id: 'no-duplicate-container-names',
  severity: 'error',
  title: 'A container name is used once',
  *check({ services }) {
    const seen = new Map<string, string>();
    for (const { key, value } of services) {
      const name = valueAt(value, 'container_name');
      const text = textAt(name);
      if (name === undefined || text === undefined) continue;
      const other = seen.get(text);
      if (other !== undefined)
        yield { span: name.span, message: `container name '${text}' is already used by service '${other}'` };
      else seen.set(text, key);
    }
  },
};

export const unboundPort: ComposeRule = {
  id: 'no-unbound-port-interfaces',
  severity: 'error',
  title: 'Ports are published on a named address, not on all',
  *check({ services }) {
    for (const { value, merged } of services) {
      const ports = entryOf(value, 'ports');
      for (const item of merged || ports?.merged === true ? [] : itemsOf(ports?.value)) {
        if (boundAddress(item) !== '') continue;
        const port = textAt(item) ?? textAt(valueAt(item, 'target')) ?? '';
        const message = `port ${port} is open on all network interfaces: put an address before it, for example 127.0.0.1`;
        yield { span: item.span, message, fixes: bound(item) };
      }
    }
  },
};

function bound(item: ComposeNode): Fix[] {
  if (item.kind !== 'scalar' || !/^[\d-]+(?::[\d-]+)?(?:\/\w+)?$/.test(item.text)) return [];
  const text = item.text.includes(':') ? `'127.0.0.1:${item.text}'` : `'127.0.0.1::${item.text}'`;
  return [{ title: 'Publish on 127.0.0.1 only', edits: [{ span: item.span, text }] }];
}

const QUOTES = v.fallback(
  v.object({
    quoteType: v.optional(v.picklist(['single', 'double']), 'single'),
    portsSections: v.optional(v.array(v.string()), ['ports', 'expose']),
  }),
  { quoteType: 'single', portsSections: ['ports', 'expose'] },
);

export const quotedPorts: ComposeRule = {
  id: 'require-quotes-in-ports',
  severity: 'warning',
  title: 'Ports are in quotes of one kind: without them, YAML may read some as numbers of base 60',
  *check({ services, dclint, text }) {
    const { quoteType, portsSections } = v.parse(QUOTES, dclint.options['require-quotes-in-ports']);
    const quote = quoteType === 'single' ? "'" : '"';
    for (const { value, merged } of services) {
      for (const key of merged ? [] : portsSections) {
        const ports = entryOf(value, key);
        for (const port of ports?.merged === true ? [] : itemsOf(ports?.value)) {
          if (port.kind !== 'scalar' || port.style === 'block' || text[port.span.start] === quote) continue;
          const fixes = /["'\\\n*&]/.test(port.text)
            ? []
            : [
                {
                  title: 'Quote it',
                  edits: [{ span: port.span, text: `${quote}${port.text}${quote}` }],
                  safe: true as const,
                },
              ];
          yield { span: port.span, message: `ports should be in ${quoteType} quotes`, fixes };
        }
      }
    }
  },
};
