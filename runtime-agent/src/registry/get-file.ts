/** A file of the web: what ADD, an import or a build context has an address of. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Transport } from './transport.ts';

export interface WebFile {
  /** To be read to its end, or destroyed. */
  readonly body: Readable;
  readonly headers: IncomingHttpHeaders;
}

/** The cause of the error where a server answered. */
export interface WebRefusal {
  readonly kind: 'web-refusal';
  readonly status: number;
}

/** As Go's client, which BuildKit has. */
const REQUEST_LIMIT = 10;

/**
 * Follows redirects and undoes the compression of the transfer. A user and password of the address go to its own host only.
 * Throws EngineError('invalid') when it cannot be had; what the address has of a password is not told.
 */
export async function getFile(transport: Transport, address: string, signal: AbortSignal): Promise<WebFile> {
  const failed = (why: string, cause?: WebRefusal): EngineError =>
    new EngineError('invalid', `failed to get ${shownAddress(address)}: ${why}`, { cause });
  let url = URL.parse(address);
  if (url === null) throw failed('invalid URL');
  for (let requests = 1; ; requests++) {
    if (!/^https?:$/.test(url.protocol)) throw failed(`unsupported protocol scheme ${JSON.stringify(url.protocol)}`);
    const headers = { 'Accept-Encoding': 'gzip' };
    const response = await transport.send({ method: 'GET', url, headers, signal, isWeb: true }).catch((error) => {
      signal.throwIfAborted();
      throw new EngineError('invalid', messageOf(error), { cause: error }); // it names the address
    });
    const next = redirect(response, url);
    if (next === undefined) return opened(response, failed);
    response.resume();
    if (requests === REQUEST_LIMIT) throw failed(`stopped after ${REQUEST_LIMIT} redirects`);
    url = next;
  }
}

/** Its password as BuildKit hides it. */
export function shownAddress(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^/@]*@/i, '$1:***@');
}

function redirect({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  return URL.parse(headers.location, from.href) ?? undefined;
}

function opened(response: IncomingMessage, failed: (why: string, cause: WebRefusal) => EngineError): WebFile {
  const { statusCode = 0, statusMessage = '', headers } = response;
  if (statusCode < 200 || statusCode >= 400) {
    response.resume();
    const cause = { kind: 'web-refusal', status: statusCode } as const;
    throw failed(`the server answered ${statusCode} ${statusMessage}`.trim(), cause);
  }
  if (headers['content-encoding'] !== 'gzip') return { body: response, headers };
  const plain = createGunzip();
  response.on('error', (error) => plain.destroy(error));
  plain.on('close', () => response.destroy());
  return { body: response.pipe(plain), headers };
}
