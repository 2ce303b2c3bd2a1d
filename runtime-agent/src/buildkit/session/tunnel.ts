/** Control/Session: a client's session inside a call, for clients that do not open /session. */
import { Duplex } from 'node:stream';
import { BytesMessage } from '../messages/session.ts';
import type { RawCall } from '../wire/grpc-server.ts';

/** The connection that the call's messages carry. */
export function tunnelOf({ requests, send, signal }: Pick<RawCall, 'requests' | 'send' | 'signal'>): Duplex {
  const tunnel = new Duplex({
    read() {},
    write(data: Buffer, _encoding, done) {
      send(BytesMessage.encode({ data })).then(() => done(), done);
    },
  });
  tunnel.on('error', () => {}); // whoever uses it sees it close
  signal.addEventListener('abort', () => tunnel.destroy());
  const take = async (): Promise<void> => {
    for await (const request of requests) tunnel.push(BytesMessage.decode(request).data);
    tunnel.push(null);
  };
  take().catch(() => tunnel.destroy());
  return tunnel;
}
