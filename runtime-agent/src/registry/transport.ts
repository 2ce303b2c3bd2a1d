/** HTTP(S) to registries: trust, proxies, time limits, and errors that say what to do. */
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { connectFailure } from './connect-failure.ts';
import { hostCertificates } from './host-certificates.ts';
import { proxyOf, type ProxySettings } from './proxies.ts';

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | Readable;
  /** Do not verify the server's certificate. */
  readonly insecure?: boolean;
  /** Of a server that is no registry: its errors advise something else. */
  readonly isWeb?: boolean;
  /** What errors name instead of the address, where that was the first contact: dockerd pings before it asks. */
  readonly named?: URL;
  readonly signal?: AbortSignal;
}

export interface Transport extends Disposable {
  /** For programs that connect by themselves. */
  readonly proxies: ProxySettings;
  /**
   * Sends; the response's body is to be read or destroyed by the caller.
   * Throws EngineError('unavailable') when there is no connection, 'cancelled' when the signal says so.
   */
  send(request: RegistryRequest): Promise<IncomingMessage>;
}

export interface TransportOptions {
  /** Folders like /etc/docker/certs.d: `<host[:port]>/*.crt` are trusted for that host, `*.cert` and `*.key` presented. Default: those of Slipway and of Docker. */
  readonly certificateFolders?: readonly string[];
  /** Default: no proxy. */
  readonly proxies?: ProxySettings;
  readonly connectTimeoutMs?: number;
  /** No byte for that long: the connection is given up. */
  readonly idleTimeoutMs?: number;
}

const CERTIFICATE_FOLDERS = ['/etc/slipway/certs.d', '/etc/docker/certs.d'];

export function createTransport(options: TransportOptions = {}): Transport {
  const { certificateFolders = CERTIFICATE_FOLDERS, proxies = { http: '', https: '', none: '' } } = options;
  const agents = new Map<string, http.Agent | https.Agent>();
  const agentOf = ({ url, insecure = false }: RegistryRequest, proxy: URL | undefined): http.Agent | https.Agent => {
    const isSecure = url.protocol === 'https:';
    const certificates = isSecure ? hostCertificates(url.host, certificateFolders) : undefined;
    const key = `${certificates && `${url.host} ${certificates.stamp}`} ${insecure} ${proxy?.href}`;
    const known = agents.get(key);
    if (known) return known;
    const common = { keepAlive: true, maxSockets: 32, proxyEnv: environmentOf(proxy) };
    const agent = certificates
      ? new https.Agent({ ...common, ...certificates.read({ verify: !insecure }), rejectUnauthorized: !insecure })
      : new http.Agent(common);
    agents.set(key, agent);
    return agent;
  };
  return {
    proxies,
    async send(request) {
      const proxy = proxyFor(request, proxies);
      const limits = {
        agent: agentOf(request, proxy),
        proxy,
        connectMs: options.connectTimeoutMs ?? 8000,
        idleMs: options.idleTimeoutMs ?? 60_000,
      };
      for (;;) {
        const response = await send(request, limits);
        if (response !== undefined) return response;
      }
    },
    [Symbol.dispose]() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function proxyFor(request: RegistryRequest, proxies: ProxySettings): URL | undefined {
  try {
    return proxyOf(request.url, proxies);
  } catch (error) {
    throw connectFailure(request, error);
  }
}

/** For node's agent, which need not find out any more whether there is one. */
function environmentOf(proxy: URL | undefined): NodeJS.ProcessEnv {
  return proxy === undefined ? {} : { http_proxy: proxy.href, https_proxy: proxy.href, no_proxy: '' };
}

interface Limits {
  readonly agent: http.Agent | https.Agent;
  readonly proxy: URL | undefined;
  readonly connectMs: number;
  readonly idleMs: number;
}

/** undefined: the server had closed the connection, which was kept from before; nothing was answered. */
function send(
  request: RegistryRequest,
  { agent, proxy, connectMs, idleMs }: Limits,
): Promise<IncomingMessage | undefined> {
  const { method, url, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal.reason));
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent,
      headers: { 'User-Agent': 'slipway', ...headers },
    });
    // Without a socket, as long as a proxy makes no tunnel, node tells nobody of an end.
    const end = (error: Error): void => {
      outgoing.destroy(error);
      if (outgoing.socket === null) outgoing.emit('error', error);
    };
    const late = (): void => end(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
    let connecting = proxy === undefined ? undefined : setTimeout(late, idleMs);
    const aborted = (): void => end(cancelled(signal?.reason));
    signal?.addEventListener('abort', aborted, { once: true });
    outgoing.on('socket', (socket) => {
      clearTimeout(connecting);
      if (!socket.connecting) return;
      connecting = setTimeout(late, connectMs);
      socket.once('connect', () => clearTimeout(connecting));
    });
    outgoing.setTimeout(idleMs, () => {
      outgoing.destroy(Object.assign(new Error('no answer'), { code: 'ESOCKETTIMEDOUT' }));
    });
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      const stale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE') && canRepeat(request);
      if (signal?.aborted) reject(cancelled(error));
      else if (stale) resolve(undefined);
      else reject(connectFailure(request, error, proxy));
    });
    outgoing.on('close', () => {
      clearTimeout(connecting);
      signal?.removeEventListener('abort', aborted);
    });
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
    else pipeline(body, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
}

/** Uploads begin with a POST that would begin two; a stream is read once. */
function canRepeat({ method, body }: RegistryRequest): boolean {
  return method !== 'POST' && (body === undefined || typeof body === 'string' || body instanceof Uint8Array);
}

function cancelled(cause: unknown): EngineError {
  return new EngineError('cancelled', 'context canceled', { cause });
}

/** A small body as text. Throws EngineError('invalid') when it is larger than `limit` bytes. */
export async function readBody(response: Readable, limit = 4 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new EngineError('invalid', `the registry's answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
