/** Channels of an SSH connection as streams. */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';

export type ChannelEnd =
  /** A Unix socket of the host (OpenSSH's direct-streamlocal). */
  | { readonly socketPath: string }
  /** A TCP port, seen from the host. */
  | { readonly host: string; readonly port: number };

/** @param name the host's, for messages */
export function dialThrough(client: Client, name: string, end: ChannelEnd, signal?: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const abort = (): void => reject(new EngineError('cancelled', 'Cancelled.'));
  if (signal?.aborted === true) {
    abort();
    return promise;
  }
  signal?.addEventListener('abort', abort, { once: true });
  const opened = (error: Error | undefined, channel: ClientChannel): void => {
    const late = signal?.aborted === true;
    signal?.removeEventListener('abort', abort);
    if (error !== undefined) reject(refused(name, end, error));
    else if (late) channel.destroy();
    else resolve(channel);
  };
  try {
    if ('socketPath' in end) client.openssh_forwardOutStreamLocal(end.socketPath, opened);
    else client.forwardOut('127.0.0.1', 0, end.host, end.port, opened);
  } catch (error) {
    reject(new EngineError('unavailable', `The SSH connection to ${name} is closed.`, { cause: error }));
  }
  return promise;
}

function refused(name: string, end: ChannelEnd, error: Error): EngineError {
  if (!('socketPath' in end)) {
    const text = `${name} cannot reach ${end.host}:${end.port}, or its sshd does not allow TCP forwarding: ${error.message}`;
    return new EngineError('unavailable', text, { cause: error });
  }
  return new EngineError(
    'unavailable',
    `Nothing answers at ${end.socketPath} on ${name}, or its sshd does not allow forwarding to Unix sockets ` +
      `(AllowStreamLocalForwarding in sshd_config): ${error.message}`,
    { cause: error },
  );
}

export function openSftp(client: Client, name: string): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(
        new EngineError(
          'unavailable',
          `No files can be sent to ${name}: its sshd offers no SFTP (${messageOf(error)}).`,
          {
            cause: error,
          },
        ),
      );
    try {
      client.sftp((error, sftp) => (error ? fail(error) : resolve(sftp)));
    } catch (error) {
      fail(error);
    }
  });
}
