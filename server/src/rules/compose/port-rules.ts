import { type ComposeNode, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import { readPort } from '../../compose/short-port.ts';
import type { ComposeRule } from '../compose-rule.ts';

interface Published {
  readonly port: string;
  readonly protocol: string;
  readonly address: string;
  readonly span: Span;
}

function publishedBy(service: ComposeNode): Published[] {
  return itemsOf(valueAt(service, 'ports')).flatMap((node) => {
    if (node.kind === 'map') {
      const port = textAt(valueAt(node, 'published'));
      const protocol = textAt(valueAt(node, 'protocol')) ?? 'tcp';
      return port === undefined
        ? []
        : [{ port, protocol, address: textAt(valueAt(node, 'host_ip')) ?? '', span: node.span }];
    }
    const text = textAt(node);
    if (text === undefined || text.includes('$')) return [];
    const { published, protocol, address, problem } = readPort(text);
    return published === undefined || problem !== undefined
      ? []
      : [{ port: published, protocol, address: address ?? '', span: node.span }];
  });
}

export const duplicatePublishedPort: ComposeRule = {
  id: 'no-duplicate-exported-ports',
  severity: 'error',
  title: 'A port of the host is published once',
  *check({ services }) {
    const taken: (Published & { service: string; profiles: string })[] = [];
    for (const { key, value } of services) {
      const profiles = itemsOf(valueAt(value, 'profiles')).map(textAt).join();
      for (const one of publishedBy(value)) {
        // Services of different profiles need not run together.
        const clash = taken.find((other) => collide(one, other) && other.profiles === profiles);
        if (clash !== undefined) {
          yield {
            span: one.span,
            message: `port ${one.port}/${one.protocol} of the host is already published by service '${clash.service}'`,
          };
        }
        taken.push({ ...one, service: key, profiles });
      }
    }
  },
};

function collide(a: Published, b: Published): boolean {
  const anywhere = (address: string): boolean => address === '' || address === '0.0.0.0' || address === '::';
  const sameAddress = a.address === b.address || anywhere(a.address) || anywhere(b.address);
  if (a.protocol !== b.protocol || !sameAddress) return false;
  const [firstLow, firstHigh] = rangeOf(a.port);
  const [secondLow, secondHigh] = rangeOf(b.port);
  return firstLow <= secondHigh && secondLow <= firstHigh;
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
  severity: 'warning',
  off: true,
  title: 'Ports are published on a named address, not on all',
  *check({ services }) {
    for (const { value } of services) {
      for (const { port, address, span } of publishedBy(value)) {
        if (address !== '') continue;
        const message = `port ${port} is open on all network interfaces: put an address before it, for example 127.0.0.1`;
        yield { span, message };
      }
    }
  },
};

export const quotedPorts: ComposeRule = {
  id: 'require-quotes-in-ports',
  severity: 'warning',
  title: 'Port mappings are in quotes, or YAML may read them as numbers',
  *check({ services }) {
    for (const { value, merged } of services) {
      for (const key of ['ports', 'expose']) {
        for (const port of merged ? [] : itemsOf(valueAt(value, key))) {
          if (port.kind !== 'scalar' || port.style !== 'plain' || !port.text.includes(':')) continue;
          const fixes = [
            { title: 'Put it in quotes', edits: [{ span: port.span, text: `"${port.text}"` }], safe: true as const },
          ];
          yield {
            span: port.span,
            message: `ports should be in quotes: YAML 1.1 reads some of them as base-60 numbers`,
            fixes,
          };
        }
      }
    }
  },
};
