/** Values of `docker run` options. */
import { EngineError } from '../engine-api/errors.ts';
import type { HostConfig } from '../engine-api/types.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `512m`, `2gb`, `1.5GiB`, `-1`: bytes. Throws EngineError('invalid'). */
export function parseBytes(text: string): number {
  const match = /^(-1|\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const unit = UNITS[(match?.[2] ?? '').toLowerCase()];
  if (match?.[1] === undefined || unit === undefined) {
    throw new EngineError('invalid', `${JSON.stringify(text)} is not a size such as 512m or 2g`);
  }
  return Math.floor(Number(match[1]) * unit);
}

interface PortTarget {
  readonly exposedPorts: Set<string>;
  readonly host: { PortBindings?: HostConfig['PortBindings'] };
}

/** `[[ip:]hostPort:]containerPort[/protocol]`, each port also a range. Throws EngineError('invalid'). */
export function applyPort(target: PortTarget, spec: string): void {
  const [address = '', protocol = 'tcp'] = spec.split('/');
  const match = /^(?:(?:(\[[^\]]+\]|[^:[\]]*):)?([\d-]*):)?([\d-]+)$/.exec(address);
  const inside = portRange(match?.[3], spec);
  const outside = match?.[2] ? portRange(match[2], spec) : undefined;
  if (outside !== undefined && outside.length !== inside.length) {
    throw new EngineError('invalid', `${spec}: the ranges of host and container ports differ in length`);
  }
  const HostIp = (match?.[1] ?? '').replace(/^\[|\]$/g, '');
  for (const [i, port] of inside.entries()) {
    const key = `${port}/${protocol}`;
    const binding = { HostIp, HostPort: String(outside?.[i] ?? '') };
    const bindings = { ...target.host.PortBindings };
    bindings[key] = [...(bindings[key] ?? []), binding];
    target.host.PortBindings = bindings;
    target.exposedPorts.add(key);
  }
}

function portRange(text: string | undefined, spec: string): number[] {
  const [first, last = first] = (text ?? '').split('-').map(Number);
  const valid = first !== undefined && last !== undefined && first > 0 && last >= first && last <= 65_535;
  if (!valid)
    throw new EngineError('invalid', `${JSON.stringify(spec)} is not a port such as 8080:80 or 127.0.0.1:8080:80`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
