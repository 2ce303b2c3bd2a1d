/** A bare client of the Docker Engine API for measuring: one keep-alive agent, no parsing that is not needed. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';

export interface BenchApi {
  readonly name: string;
  /** The JSON answer. Throws with the engine's message for statuses from 400 on. */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** The answer's body as it arrives. */
  open(method: string, path: string, body?: object | Readable): Promise<IncomingMessage>;
  /** Ends the idle connections. */
  close(): void;
}

export function benchApi(name: string, socketPath: string): BenchApi {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const open = async (method: string, path: string, body?: object | Readable): Promise<IncomingMessage> => {
    const stream = body !== undefined && 'pipe' in body;
    const type = stream ? 'application/x-tar' : 'application/json';
    const call = request({ socketPath, agent, method, path: `/v1.45${path}`, headers: { 'Content-Type': type } });
    if (stream)
      pipeline(body, call).catch(() => {}); // the answer, or its absence, tells
    else call.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    if ((response.statusCode ?? 0) < 400) return response;
    throw new Error(`${name}: ${method} ${path}: ${response.statusCode} ${(await buffer(response)).toString().trim()}`);
  };
  return {
    name,
    open,
    close: () => agent.destroy(),
    async call<T>(method: string, path: string, body?: object): Promise<T> {
      const text = (await buffer(await open(method, path, body))).toString();
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}
