/** A published port in its short form: `[[address:]port:]port[/protocol]`, each port maybe a range. */

export interface ShortPort {
  readonly address: string | undefined;
  /** As written; undefined when the engine chooses. */
  readonly published: string | undefined;
  readonly target: string;
  readonly protocol: string;
  /** What is wrong with it. */
  readonly problem: string | undefined;
}

const HIGHEST = 65_535;

/** @param text without variables */
export function readPort(text: string): ShortPort {
  const [mapping = '', protocol = 'tcp'] = text.split('/');
  const pieces = splitAddress(mapping);
  const target = pieces.at(-1) ?? '';
  const published = pieces.at(-2);
  const address = pieces.length > 2 ? pieces.slice(0, -2).join(':') : undefined;
  const port = { address, published: published === '' ? undefined : published, target, protocol };
  return { ...port, problem: problemOf(port, text) };
}

/** The brackets of an IPv6 address hold its colons together. */
function splitAddress(mapping: string): string[] {
  const bracketed = /^\[([^\]]*)\]:?(.*)$/.exec(mapping);
  if (bracketed === null) return mapping.split(':');
  return [bracketed[1] ?? '', ...(bracketed[2] ?? '').split(':')];
}

function problemOf(
  { address, published, target, protocol }: Omit<ShortPort, 'problem'>,
  text: string,
): string | undefined {
  if (!/^(?:tcp|udp|sctp)$/i.test(protocol)) return `invalid port '${text}': unknown protocol '${protocol}'`;
  const container = sizeOf(target);
  if (container === undefined) return `invalid port '${text}': '${target}' is no port of a container`;
  const host = published === undefined ? container : sizeOf(published);
  if (host === undefined) return `invalid port '${text}': '${published}' is no port of the host`;
  if (host !== container && container !== 1) return `invalid port '${text}': the ranges differ in size`;
  if (address !== undefined && address !== '' && !isAddress(address)) {
    return `invalid port '${text}': '${address}' is no IP address`;
  }
  return undefined;
}

/** How many ports; undefined when it is no port and no range. */
function sizeOf(text: string): number | undefined {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const low = Number(first);
  const high = last === undefined ? low : Number(last);
  return first === undefined || high < low || high > HIGHEST ? undefined : high - low + 1;
}

export function isAddress(text: string): boolean {
  const parts = text.split('.');
  if (parts.length === 4) return parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return text.includes(':') && /^[0-9a-f:.]+(?:%\w+)?$/i.test(text) && text.split('::').length <= 2;
}
