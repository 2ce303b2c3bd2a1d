/** One HTTP call over a Unix socket. */
import { request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. Throws when it is not. */
  json<T>(): T;
}

/** @param body sent as JSON, bytes as they are */
export function callSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
  moreHeaders: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isBytes = body instanceof Uint8Array;
    const type = isBytes ? 'application/x-tar' : 'application/json';
    const headers = { ...(body === undefined ? {} : { 'content-type': type }), ...moreHeaders };
    const call = request({ socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const json = <T>(): T => JSON.parse(text) as T;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    call.on('error', reject);
    call.end(body === undefined || isBytes ? body : JSON.stringify(body));
  });
}
