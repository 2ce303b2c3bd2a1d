/** The driver `journald`: systemd's native journal protocol, one datagram a message. */
import { existsSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import { openUnixDatagrams } from './datagrams.ts';
import { extraAttributes } from './extra-attributes.ts';
import type { LoggedContainer, LogMessage, LogSink } from './log-sink.ts';
import { logTag } from './log-tag.ts';

const JOURNAL_SOCKET = '/run/systemd/journal/socket';
const PRIORITY: Readonly<Record<LogMessage['stream'], string>> = { stdout: '6', stderr: '3' };

/** Names in the journal are capital letters, digits and underscores, and do not begin with one. */
export function journalName(key: string): string {
  return key
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^_+/, '');
}

/** `NAME=value\n`; a value of several lines goes with its length, as 64 bits, little-endian. */
function field(name: string, value: Buffer): Buffer {
  const end = Buffer.from('\n');
  if (!value.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), value, end]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, end]);
}

export function journalFormat(container: LoggedContainer): (message: LogMessage) => Buffer {
  const tag = logTag(container);
  const fixed = Object.entries({
    CONTAINER_ID: container.id.slice(0, 12),
    CONTAINER_ID_FULL: container.id,
    CONTAINER_NAME: container.name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: container.imageName,
    SYSLOG_IDENTIFIER: tag,
    ...extraAttributes(container, journalName),
  });
  return ({ line, stream, seconds, nanoseconds, partial }) => {
    const time = new Date(seconds * 1000).toISOString().slice(0, 19);
    const own: readonly (readonly [string, string])[] = [
      ['PRIORITY', PRIORITY[stream]],
      ['SYSLOG_TIMESTAMP', `${time}.${String(nanoseconds).padStart(9, '0')}Z`],
      ...(partial === undefined
        ? []
        : ([
            ...(partial.last ? [] : [['CONTAINER_PARTIAL_MESSAGE', 'true'] as const]),
            ['CONTAINER_PARTIAL_ID', partial.id],
            ['CONTAINER_PARTIAL_ORDINAL', String(partial.ordinal)],
            ['CONTAINER_PARTIAL_LAST', String(partial.last)],
          ] as const)),
    ];
    return Buffer.concat([
      field('MESSAGE', line),
      ...[...own, ...fixed].map(([name, value]) => field(name, Buffer.from(value))),
    ]);
  };
}

/** @param socket of the journal daemon */
export async function openJournald(container: LoggedContainer, socket = JOURNAL_SOCKET): Promise<LogSink> {
  if (!existsSync(socket)) throw new EngineError('internal', 'journald is not enabled on this host');
  const format = journalFormat(container);
  const datagrams = openUnixDatagrams(socket);
  return {
    batch: 1,
    async send(messages) {
      for (const message of messages) await datagrams.send(format(message));
    },
    [Symbol.asyncDispose]: async () => datagrams[Symbol.dispose](),
  };
}
