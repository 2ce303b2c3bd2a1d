/** Lets an SSH host reach a port of this machine, through the connection and for as long as it lasts. */
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { AcceptConnection, Client, ClientChannel, TcpConnectionDetails } from 'ssh2';

export interface LentPort {
  readonly host: string;
  readonly port: number;
  readonly log: (line: string) => void;
  /** For tests. */
  readonly retryMs?: number;
}

const RETRY_MS = 5000;

/**
 * The port has the same number there, on the host's loopback interface only. A host that does not allow it is used
 * without; one where another connection holds the port is asked again, for when that has ended.
 */
export function lendPort(client: Client, { host, port, log, retryMs = RETRY_MS }: LentPort): void {
  let told = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = (): void => {
    client.forwardIn('127.0.0.1', port, (error) => {
      if (error === undefined || error === null) return log(`${host} reaches port ${port} of this machine`);
      if (!told) log(`${host} cannot reach port ${port} of this machine, and is asked again: ${error.message}`);
      told = true;
      timer = setTimeout(ask, retryMs).unref();
    });
  };
  const carry = ({ destPort }: TcpConnectionDetails, accept: AcceptConnection<ClientChannel>): void => {
    if (destPort !== port) return;
    const channel = accept();
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    Promise.all([pipeline(channel, socket), pipeline(socket, channel)]).catch(() => {
      // whoever asked sees the end of the connection
      channel.destroy();
      socket.destroy();
    });
  };
  client.on('tcp connection', carry);
  client.on('close', () => clearTimeout(timer));
  ask();
}
