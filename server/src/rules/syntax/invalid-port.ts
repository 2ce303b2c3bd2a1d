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
  *checkInstruction({ keyword, words }) {
    if (keyword !== 'EXPOSE') return;
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

function problemOf(written: string): string | undefined {
  const text = unquoted(written);
  if (text.includes('$')) return undefined;
  const slash = text.indexOf('/');
  const protocol = protocolOf(text);
  if (!PROTOCOLS.has(protocol.toLowerCase()))
    return `invalid port: ${JSON.stringify(text)}: invalid proto: ${protocol}`;
  const port = (slash === -1 ? text : text.slice(0, slash)).replace(/^.*:/, '');
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(port) ?? [];
  const low = Number(first);
  const high = last === undefined ? low : Number(last);
  return first !== undefined && low <= high && high <= HIGHEST ? undefined : `invalid containerPort: ${port}`;
}
