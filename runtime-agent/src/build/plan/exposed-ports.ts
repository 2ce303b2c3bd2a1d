import { isIP } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';

const LAST_PORT = 65_535;
const PROTOCOLS = ['tcp', 'udp', 'sctp'];

/**
 * `80`, `53/udp`, `9000-9002/tcp` as the keys of ExposedPorts. An address and a port of the host in front mean nothing here,
 * but are checked. Throws EngineError('invalid') in BuildKit's words.
 */
export function exposedPorts(spec: string): string[] {
  const parts = spec.split(':');
  const written = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const slash = written.indexOf('/');
  const container = slash === -1 ? written : written.slice(0, slash);
  const protocol = slash === -1 ? '' : written.slice(slash + 1);
  const known = protocol.toLowerCase() || 'tcp';
  const quoted = JSON.stringify(spec);
  if (container === '') throw new EngineError('invalid', `invalid port: ${quoted}: no port specified`);
  if (!PROTOCOLS.includes(known))
    throw new EngineError('invalid', `invalid port: ${quoted}: invalid proto: ${protocol}`);
  checkAddress(parts.join(':'));
  const ports = portRange(container, 'containerPort');
  if (host !== '') {
    const outside = portRange(host, 'hostPort');
    const [inner, outer] = [ports.last - ports.first, outside.last - outside.first];
    if (inner !== outer && inner > 0) {
      const why = 'invalid ranges specified for container and host Ports';
      throw new EngineError('invalid', `${why}: ${container} and ${host}`);
    }
  }
  return Array.from({ length: ports.last - ports.first + 1 }, (_, i) => `${ports.first + i}/${known}`);
}

function checkAddress(text: string): void {
  if (text.startsWith('[') && !text.endsWith(']')) {
    throw new EngineError('invalid', `invalid IP address ${text}: address ${text}:: missing ']' in address`);
  }
  const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (address !== '' && isIP(address) === 0) throw new EngineError('invalid', `invalid IP address: ${address}`);
}

function portRange(text: string, what: 'containerPort' | 'hostPort') {
  const match = /^\+?(\d+)(?:-\+?(\d+))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first > LAST_PORT || last > LAST_PORT || last < first) {
    throw new EngineError('invalid', `invalid ${what}: ${text}`);
  }
  return { first, last };
}
