/** The driver `fluentd`: Fluentd's forward protocol over TCP, TLS or a Unix socket. */
import { randomBytes } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import { parseDuration } from '#model/dockerfile/duration.ts';
import { extraAttributes } from './extra-attributes.ts';
import type { LoggedContainer, LogMessage, LogSink } from './log-sink.ts';
import { logTag } from './log-tag.ts';
import { messagePack } from './message-pack.ts';
import { createStreamConnection, type StreamAddress } from './stream-connection.ts';

const DEFAULT_PORT = 24224;
const ACK_MS = 30_000;
const BATCH = 64;
const NANO_PER_MS = 1e6;

const invalid = (message: string): EngineError => new EngineError('invalid', message);

function parseAddress(text: string | undefined): StreamAddress {
  if (!text) return { host: '127.0.0.1', port: DEFAULT_PORT };
  const wrong = (reason: string): EngineError => invalid(`invalid fluentd-address (${text}): ${reason}`);
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(text) ?? [];
  if (scheme === 'unix') {
    if (rest === '') throw wrong('path is empty');
    return { path: rest };
  }
  if (scheme !== 'tcp' && scheme !== 'tls') throw wrong(`unsupported scheme: '${scheme}'`);
  if (rest.includes('/')) throw wrong('should not contain a path element');
  const [, host = '', port = String(DEFAULT_PORT)] = /^(\[[^\]]*\]|[^:/]*)(?::([^/]*))?$/.exec(rest) ?? [];
  if (!/^\d+$/.test(port)) throw wrong(`parse ${JSON.stringify(text)}: invalid port ":${port}" after host`);
  if (Number(port) > 65_535) {
    throw wrong(`invalid port: strconv.ParseUint: parsing ${JSON.stringify(port)}: value out of range`);
  }
  const place = { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(port) };
  return scheme === 'tls' ? { ...place, tls: { servername: place.host } } : place;
}

function flag(options: Readonly<Record<string, string>>, name: string): boolean {
  const text = options[name] ?? '';
  if (text === '') return false;
  if (/^(1|t|true|T|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|false|F|FALSE|False)$/.test(text)) return false;
  throw invalid(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Milliseconds, undefined when the option is not given. */
function duration(options: Readonly<Record<string, string>>, name: string, wrap = (reason: string) => reason) {
  const text = options[name] ?? '';
  if (text === '') return undefined;
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) throw invalid(wrap(`time: invalid duration ${JSON.stringify(text)}`));
  return nanoseconds / NANO_PER_MS;
}

interface FluentdOptions {
  readonly address: StreamAddress;
  readonly async: boolean;
  readonly ack: boolean;
  readonly precise: boolean;
  readonly reconnectMs: number | undefined;
  /** For one write; undefined: as long as it takes. */
  readonly writeMs: number | undefined;
}

function parseOptions(options: Readonly<Record<string, string>>): FluentdOptions {
  const address = parseAddress(options['fluentd-address']);
  if (options['fluentd-buffer-limit']) ramInBytes(options['fluentd-buffer-limit']);
  duration(options, 'fluentd-retry-wait');
  const retries = options['fluentd-max-retries'] ?? '';
  if (retries !== '' && !/^\d+$/.test(retries)) {
    throw invalid(`strconv.ParseUint: parsing ${JSON.stringify(retries)}: invalid syntax`);
  }
  const ofTimeout = (reason: string): string =>
    `invalid value for fluentd-write-timeout: value must be a duration: ${reason}`;
  const writeMs = duration(options, 'fluentd-write-timeout', ofTimeout) ?? 0;
  if (writeMs < 0) {
    throw invalid('invalid value for fluentd-write-timeout: value must be a duration that is non-negative');
  }
  const ofInterval = (reason: string): string => `invalid value for fluentd-async-reconnect-interval: ${reason}`;
  const reconnectMs = duration(options, 'fluentd-async-reconnect-interval', ofInterval);
  if (reconnectMs !== undefined && reconnectMs !== 0 && (reconnectMs < 100 || reconnectMs > 10_000)) {
    const value = JSON.stringify(options['fluentd-async-reconnect-interval']);
    throw invalid(ofInterval(`value (${value}) must be between 100ms and 10s`));
  }
  return {
    address,
    async: flag(options, 'fluentd-async'),
    ack: flag(options, 'fluentd-request-ack'),
    precise: flag(options, 'fluentd-sub-second-precision'),
    reconnectMs: reconnectMs || undefined,
    writeMs: writeMs || undefined,
  };
}

/** Throws EngineError('invalid') in Docker's words. */
export function checkFluentdOptions(options: Readonly<Record<string, string>>): void {
  parseOptions(options);
}

/** One event in the forward protocol's Message Mode; with a `chunk` the server is asked to acknowledge it. */
export function fluentdFormat(container: LoggedContainer) {
  const tag = logTag(container);
  const extra = Object.entries(extraAttributes(container, (key) => key));
  const precise = flag(container.options, 'fluentd-sub-second-precision');
  return ({ seconds, nanoseconds, stream, line, partial }: LogMessage, chunk?: string): Buffer => {
    const record = new Map<string, string | Buffer>([
      ['container_id', container.id],
      ['container_name', `/${container.name}`],
      ['source', stream],
      ['log', line],
      ...extra,
    ]);
    if (partial !== undefined) {
      record.set('partial_message', 'true').set('partial_id', partial.id);
      record.set('partial_ordinal', String(partial.ordinal)).set('partial_last', String(partial.last));
    }
    const time = precise ? { seconds, nanoseconds } : seconds;
    const option = chunk === undefined ? [] : [new Map([['chunk', chunk]])];
    return messagePack([tag, time, record, ...option]);
  };
}

export async function openFluentd(container: LoggedContainer): Promise<LogSink> {
  const { address, async, ack, reconnectMs, writeMs } = parseOptions(container.options);
  const format = fluentdFormat(container);
  const connection = createStreamConnection(address, reconnectMs);
  if (!async) await connection.open();
  return {
    batch: ack ? 1 : BATCH,
    async send(messages, signal) {
      if (!ack) {
        await connection.write(Buffer.concat(messages.map((message) => format(message))), signal, writeMs);
        return;
      }
      for (const message of messages) {
        const chunk = randomBytes(16).toString('base64');
        await connection.write(format(message, chunk), signal, writeMs);
        await connection.answer((received) => received.includes(chunk), ACK_MS, signal);
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
