import { isIP } from 'node:net';
import { spanOf } from '#model/text/span.ts';
import { instructionRule } from '../instruction-rule.ts';

const HIGHEST = 65_535;
const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', '']);

export const invalidPort = instructionRule({
  id: 'InvalidPort',
  aliases: ['DL3011'],
  severity: 'error',
  fatal: true,
  title: 'A port is a number up to 65535 or a range, with tcp, udp or sctp',
  concerns: ({ keyword }) => keyword === 'EXPOSE',
  *checkInstruction({ words }) {
    for (const { text, span } of words) {
      const message = problemOf(text);
      if (message === undefined) continue;
      const protocol = protocolOf(unquoted(text));
      const start = span.start + text.indexOf('/') + 1;
      const isProtocol = message.endsWith(`invalid proto: ${protocol}`);
      yield { span: isProtocol ? spanOf(start, start + protocol.length) : span, message };
    }
  },
});

function protocolOf(text: string): string {
  const slash = text.indexOf('/');
  return slash === -1 ? '' : text.slice(slash + 1);
}

/** The builder takes quotes away. */
function unquoted(text: string): string {
  return text.replaceAll(/["']/g, '');
}

/** A dollar sign in front of anything else is one. */
const VARIABLE = /\$[\p{L}\p{Nd}_{@*#?!$-]/u;

function problemOf(written: string): string | undefined {
  const text = unquoted(written);
  if (VARIABLE.test(text)) return undefined;
  const slash = text.indexOf('/');
  const protocol = protocolOf(text);
  if (!PROTOCOLS.has(protocol.toLowerCase()))
    return `invalid port: ${JSON.stringify(text)}: invalid proto: ${protocol}`;
  return portProblem(slash === -1 ? text : text.slice(0, slash), text);
}

/** `[[IP:]HOST:]PORT`, in the words of Docker's parser of ports. */
function portProblem(ports: string, text: string): string | undefined {
  const parts = ports.split(':');
  const port = parts.at(-1) ?? '';
  const host = parts.at(-2) ?? '';
  const address = parts.slice(0, -2).join(':');
  if (address.startsWith('[') && !address.endsWith(']'))
    return `invalid IP address ${address}: address ${address}:: missing ']' in address`;
  if (address !== '' && isIP(address.replaceAll(/^\[|\]$/g, '')) === 0) return `invalid IP address: ${address}`;
  if (port === '') return `invalid port: ${JSON.stringify(text)}: no port specified`;
  const inside = rangeOf(port);
  if (inside === undefined) return `invalid containerPort: ${port}`;
  const outside = host === '' ? inside : rangeOf(host);
  if (outside === undefined) return `invalid hostPort: ${host}`;
  const fits = inside === outside || inside === 1;
  return fits ? undefined : `invalid ranges specified for container and host Ports: ${port} and ${host}`;
}

/** How many ports it is. */
function rangeOf(text: string): number | undefined {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const low = Number(first);
  const high = last === undefined ? low : Number(last);
  return first !== undefined && low <= high && high <= HIGHEST ? high - low + 1 : undefined;
}
