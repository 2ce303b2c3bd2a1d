/**
 * The least that a client of the Docker Engine API can do for a request: one connection that stays, the request in bytes that
 * are ready. What a client takes for itself is no part of the difference between engines, and hides it where they are quick.
 */
import { type Socket, connect } from 'node:net';
import type { Readable } from 'node:stream';

export interface LeanClient extends Disposable {
  /** The answer as it came, head and chunks. Throws for a status that is not 200. */
  post(path: string, body: Buffer | Readable, length: number): Promise<string>;
}

/** How a chunked answer ends. */
const LAST_CHUNK = '\r\n0\r\n\r\n';

export function leanClient(socketPath: string): LeanClient {
  let socket: Socket | undefined;
  return {
    async post(path, body, length) {
      socket ??= connect(socketPath);
      const answer = wholeAnswer(socket);
      const head = `POST /v1.45${path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/x-tar\r\nContent-Length: ${length}\r\n\r\n`;
      if (Buffer.isBuffer(body)) socket.write(Buffer.concat([Buffer.from(head), body]));
      else {
        socket.write(head);
        body.pipe(socket, { end: false });
      }
      return await answer;
    },
    [Symbol.dispose]: () => void socket?.destroy(),
  };
}

function wholeAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const take = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      if (!said.startsWith('HTTP/1.1 200')) fail(new Error(said.slice(0, 500)));
      else if (said.endsWith(LAST_CHUNK)) settle(() => resolve(said));
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const closed = (): void => fail(new Error(`the connection was closed after: ${said.slice(-500)}`));
    const settle = (tell: () => void): void => {
      socket.off('data', take).off('error', fail).off('close', closed);
      tell();
    };
    socket.on('data', take).on('error', fail).on('close', closed);
  });
}
