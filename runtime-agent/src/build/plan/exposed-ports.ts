import { EngineError } from '#model/engine-api/errors.ts';

const LAST_PORT = 65_535;

/** `80`, `53/udp`, `9000-9002/tcp` as the keys of ExposedPorts. Throws EngineError('invalid') in BuildKit's words. */
export function exposedPorts(spec: string): string[] {
  const [ports = '', protocol = 'tcp', ...more] = spec.split('/');
  const known = protocol.toLowerCase();
  if (more.length > 0 || !['tcp', 'udp', 'sctp'].includes(known)) {
    throw new EngineError('invalid', `invalid port: ${JSON.stringify(spec)}: invalid proto: ${protocol}`);
  }
  const container = ports.slice(ports.lastIndexOf(':') + 1); // an address and a host port mean nothing here
  const match = /^(\d+)(?:-(\d+))?$/.exec(container);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || last > LAST_PORT || last < first) {
    throw new EngineError('invalid', `invalid containerPort: ${container}`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}/${known}`);
}
