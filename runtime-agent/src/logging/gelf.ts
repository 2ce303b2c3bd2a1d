/** The driver `gelf`: Graylog's format over UDP, compressed and in chunks, or over TCP. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { openUdp } from './datagrams.ts';
import { extraAttributes } from './extra-attributes.ts';
import type { LoggedContainer, LogMessage, LogSink } from './log-sink.ts';
import { logTag } from './log-tag.ts';
import { createStreamConnection } from './stream-connection.ts';

const LEVEL: Readonly<Record<LogMessage['stream'], number>> = { stdout: 6, stderr: 3 };
/** Fits the path MTU of most wide-area networks. */
const CHUNK = 1420;
const CHUNK_HEAD = 12;
const MAX_CHUNKS = 128;
const MAGIC = Buffer.from([0x1e, 0x0f]);
const FASTEST = 1;
const BATCH = 64;

const invalid = (message: string): EngineError => new EngineError('invalid', message);

function parseAddress(text: string): { readonly tcp: boolean; readonly host: string; readonly port: number } {
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(text) ?? [];
  if (scheme !== 'tcp' && scheme !== 'udp') throw invalid('gelf: endpoint needs to be TCP or UDP');
  const [, host = '', port = ''] = /^(.+):(\d+)\/?$/.exec(rest) ?? [];
  if (host === '') throw invalid('gelf: please provide gelf-address as proto://host:port');
  return { tcp: scheme === 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

const OPTIONS = [
  'gelf-compression-level',
  'gelf-compression-type',
  'gelf-tcp-max-reconnect',
  'gelf-tcp-reconnect-delay',
];

/** Throws EngineError('invalid') in Docker's words. */
export function checkGelfOptions(options: Readonly<Record<string, string>>): void {
  if (!options['gelf-address']) throw invalid('gelf-address is a required parameter');
  const { tcp } = parseAddress(options['gelf-address']);
  for (const name of OPTIONS.filter((option) => option in options)) {
    const value = options[name] ?? '';
    const unknown = invalid(
      `unknown value ${JSON.stringify(value)} for log opt ${JSON.stringify(name)} for gelf log driver`,
    );
    if (name.startsWith('gelf-compression')) {
      if (tcp) throw invalid('compression is only supported on UDP');
      const good = name.endsWith('type') ? /^(gzip|zlib|none)$/.test(value) : /^(-1|\d)$/.test(value);
      if (!good) throw unknown;
    } else {
      if (!tcp) throw invalid(`${JSON.stringify(name)} is only valid for TCP`);
      if (!/^\d+$/.test(value)) throw invalid(`${JSON.stringify(name)} must be a positive integer`);
    }
  }
}

/** A message as GELF 1.1 in JSON. */
export function gelfFormat(container: LoggedContainer): (message: LogMessage) => Buffer {
  const tag = logTag(container);
  const extra = {
    ...extraAttributes(container, (key) => (key.startsWith('_') ? key : `_${key}`)),
    _command: container.command.join(' '),
    _container_id: container.id,
    _container_name: container.name,
    _created: container.created,
    _image_id: container.imageId,
    _image_name: container.imageName,
    _tag: tag,
  };
  return ({ line, seconds, nanoseconds, stream }) =>
    Buffer.from(
      JSON.stringify({
        version: '1.1',
        host: hostname(),
        short_message: line.toString(),
        timestamp: seconds + Math.floor(nanoseconds / 1e6) / 1000,
        level: LEVEL[stream],
        ...extra,
      }),
    );
}

/** The datagrams of one message. Throws EngineError('invalid') for a message that needs more than 128 chunks. */
export function gelfChunks(bytes: Buffer, id: Buffer = randomBytes(8)): Buffer[] {
  if (bytes.length <= CHUNK) return [bytes];
  const size = CHUNK - CHUNK_HEAD;
  const count = Math.ceil(bytes.length / size);
  if (count > MAX_CHUNKS) throw invalid(`msg too large, would need ${count} chunks`);
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([MAGIC, id, Buffer.from([i, count]), bytes.subarray(i * size, (i + 1) * size)]),
  );
}

function compressor(options: Readonly<Record<string, string>>): (bytes: Buffer) => Promise<Buffer> {
  const level = Number(options['gelf-compression-level'] ?? FASTEST);
  switch (options['gelf-compression-type']) {
    case 'none':
      return async (bytes) => bytes;
    case 'zlib':
      return (bytes) => promisify<Buffer, { level: number }, Buffer>(deflate)(bytes, { level });
    default:
      return (bytes) => promisify<Buffer, { level: number }, Buffer>(gzip)(bytes, { level });
  }
}

const worthSending = ({ line }: LogMessage): boolean => line.length > 0;

export async function openGelf(container: LoggedContainer): Promise<LogSink> {
  const { options } = container;
  const { tcp, host, port } = parseAddress(options['gelf-address'] ?? '');
  const format = gelfFormat(container);
  if (!tcp) {
    const datagrams = await openUdp(host, port);
    const compress = compressor(options);
    return {
      batch: 1,
      async send(messages) {
        for (const message of messages.filter(worthSending)) {
          for (const chunk of gelfChunks(await compress(format(message)))) await datagrams.send(chunk);
        }
      },
      [Symbol.asyncDispose]: async () => datagrams[Symbol.dispose](),
    };
  }
  const connection = createStreamConnection({ host, port });
  await connection.open().catch((error: unknown) => {
    const text = `gelf: cannot connect to GELF endpoint: ${host}:${port} ${messageOf(error)}`;
    throw new EngineError('internal', text, { cause: error });
  });
  const end = Buffer.from([0]);
  return {
    batch: BATCH,
    async send(messages, signal) {
      const bytes = messages.filter(worthSending).flatMap((message) => [format(message), end]);
      if (bytes.length > 0) await connection.write(Buffer.concat(bytes), signal);
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
