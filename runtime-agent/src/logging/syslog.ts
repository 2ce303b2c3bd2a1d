/** The driver `syslog`: RFC 3164, RFC 5424 and the format of local syslog daemons, over UDP, TCP, TLS and Unix sockets. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { openUdp, openUnixDatagrams } from './datagrams.ts';
import type { LoggedContainer, LogMessage, LogSink } from './log-sink.ts';
import { logTag } from './log-tag.ts';
import { createStreamConnection, type StreamAddress } from './stream-connection.ts';

const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp - - - - local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );
const SEVERITY: Readonly<Record<LogMessage['stream'], number>> = { stdout: 6, stderr: 3 };
const FORMATS = ['', 'rfc3164', 'rfc5424', 'rfc5424micro'] as const;
const LOCAL_SOCKETS = ['/dev/log', '/var/run/syslog', '/var/run/log'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const BATCH = 64;
const PORT = 514;

type Scheme = 'udp' | 'tcp' | 'tcp+tls' | 'unix' | 'unixgram';

interface SyslogAddress {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const invalid = (message: string): EngineError => new EngineError('invalid', message);

/** undefined: the host's own syslog. */
function parseAddress(text: string | undefined): SyslogAddress | undefined {
  if (!text) return undefined;
  const [, scheme = '', rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/i.exec(text) ?? [];
  const known = scheme.toLowerCase();
  switch (known) {
    case 'unix':
    case 'unixgram':
      if (!existsSync(rest)) throw invalid(`stat ${rest}: no such file or directory`);
      return { scheme: known, host: '', port: 0, path: rest };
    case 'udp':
    case 'tcp':
    case 'tcp+tls': {
      const [, host, port = String(PORT)] = /^(\[[^\]]*\]|[^:/[]*)(?::([^/]*))?(?:\/.*)?$/.exec(rest) ?? [];
      if (host === undefined) throw invalid(`invalid syslog-address (${text})`);
      if (!/^\d*$/.test(port)) throw invalid(`parse ${JSON.stringify(text)}: invalid port ":${port}" after host`);
      return { scheme: known, host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(port || PORT), path: '' };
    }
    default:
      throw invalid(`unsupported scheme: '${scheme}'`);
  }
}

function facility(text: string | undefined): number {
  const named = FACILITIES.indexOf(text || 'daemon');
  if (named >= 0 && text !== '-') return named;
  if (/^\d+$/.test(text ?? '') && Number(text) <= 23) return Number(text);
  throw invalid('invalid syslog facility');
}

/** Throws EngineError('invalid') in Docker's words. */
export function checkSyslogOptions(options: Readonly<Record<string, string>>): void {
  parseAddress(options['syslog-address']);
  facility(options['syslog-facility']);
  if (!FORMATS.some((format) => format === (options['syslog-format'] ?? ''))) throw invalid('Invalid syslog format');
}

/** `Nov  8 20:16:10`, in the engine's time zone, as RFC 3164 wants it. */
function stamp(message: LogMessage): string {
  const date = new Date(message.seconds * 1000);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2, ' ')} ${time}`;
}

function isoTime(message: LogMessage, micro: boolean): string {
  const second = new Date(message.seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${second}.${String(Math.floor(message.nanoseconds / 1000)).padStart(6, '0')}Z` : `${second}Z`;
}

export type SyslogFormat = (message: LogMessage) => Buffer;

/** Without octet counting: a newline ends each message, also in datagrams, as Docker has it. */
export function syslogFormat(container: LoggedContainer): SyslogFormat {
  const tag = logTag(container);
  const base = facility(container.options['syslog-facility']) * 8;
  const format = container.options['syslog-format'] ?? '';
  const { pid } = process;
  const host = hostname();
  return (message) => {
    const priority = `<${base + SEVERITY[message.stream]}>`;
    const head = ((): string => {
      switch (format) {
        case 'rfc3164':
          return `${priority}${stamp(message)} ${host} ${tag}[${pid}]: `;
        case 'rfc5424':
        case 'rfc5424micro':
          return `${priority}1 ${isoTime(message, format === 'rfc5424micro')} ${host} ${tag} ${pid} ${tag} - `;
        default:
          return `${priority}${stamp(message)} ${tag}[${pid}]: `;
      }
    })();
    return Buffer.concat([Buffer.from(head), message.line, Buffer.from('\n')]);
  };
}

function streamAddress(address: SyslogAddress, options: Readonly<Record<string, string>>): StreamAddress {
  if (address.scheme === 'unix') return { path: address.path };
  const place = { host: address.host, port: address.port };
  if (address.scheme === 'tcp') return place;
  const file = (name: string): { readonly content?: Buffer } =>
    options[name] ? { content: readFileSync(options[name]) } : {};
  const ca = file('syslog-tls-ca-cert').content;
  const cert = file('syslog-tls-cert').content;
  const key = file('syslog-tls-key').content;
  const tls = {
    servername: address.host,
    rejectUnauthorized: !('syslog-tls-skip-verify' in options),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return { ...place, tls };
}

/** Empty lines are not sent. */
const worthSending = ({ line }: LogMessage): boolean => line.length > 0;

function streamSink(address: StreamAddress, format: SyslogFormat, counted: boolean) {
  const connection = createStreamConnection(address);
  const sink: LogSink = {
    batch: BATCH,
    async send(messages, signal) {
      const bytes = messages.filter(worthSending).map((message) => {
        const text = format(message);
        return counted ? Buffer.concat([Buffer.from(`${text.length} `), text]) : text;
      });
      if (bytes.length > 0) await connection.write(Buffer.concat(bytes), signal);
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
  return { sink, open: connection.open };
}

async function datagramSink(address: SyslogAddress, format: SyslogFormat): Promise<LogSink> {
  const datagrams =
    address.scheme === 'udp' ? await openUdp(address.host, address.port) : openUnixDatagrams(address.path);
  return {
    batch: 1,
    async send(messages) {
      for (const message of messages.filter(worthSending)) await datagrams.send(format(message));
    },
    [Symbol.asyncDispose]: async () => datagrams[Symbol.dispose](),
  };
}

export async function openSyslog(container: LoggedContainer): Promise<LogSink> {
  const { options } = container;
  const format = syslogFormat(container);
  const address = parseAddress(options['syslog-address']);
  if (address === undefined) {
    const local = LOCAL_SOCKETS.find((file) => existsSync(file));
    if (local === undefined) throw new EngineError('internal', 'Unix syslog delivery error');
    return await datagramSink({ scheme: 'unixgram', host: '', port: 0, path: path.resolve(local) }, format);
  }
  if (address.scheme === 'udp' || address.scheme === 'unixgram') return await datagramSink(address, format);
  const counted = address.scheme === 'tcp+tls' && (options['syslog-format'] ?? '').startsWith('rfc5424');
  const { sink, open } = streamSink(streamAddress(address, options), format, counted);
  await open();
  return sink;
}
