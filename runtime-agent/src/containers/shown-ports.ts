import type { ContainerSummary } from '#model/engine-api/types.ts';
import type { Container } from './container.ts';
import { shownNetwork } from './inspect.ts';

/** Ports of a container as lists show them: with where they are published. */
export function shownPorts(container: Container): NonNullable<ContainerSummary['Ports']> {
  const bound = shownNetwork(container).Ports ?? {};
  return Object.entries(bound).flatMap(([port, bindings]) => {
    const [number = '0', protocol = 'tcp'] = port.split('/');
    const PrivatePort = Number(number);
    const Type = protocol as 'tcp' | 'udp' | 'sctp';
    if (!bindings?.length) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp = '', HostPort = '0' }) => ({
      ...(HostIp === '' ? {} : { IP: HostIp }),
      PrivatePort,
      PublicPort: Number(HostPort),
      Type,
    }));
  });
}
