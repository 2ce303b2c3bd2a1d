/** HTTP(S) to registries: trust, proxies, time limits, and errors that say what to do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import { EngineError } from '#model/engine-api/errors.ts';
import { connectFailure } from './connect-failure.ts';
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
    const key = `${isSecure ? url.host : ''} ${insecure} ${proxy?.href}`;
    const known = agents.get(key);
    if (known) return known;
    const common = { keepAlive: true, maxSockets: 32, proxyEnv: environmentOf(proxy) };
    const trust = insecure ? { rejectUnauthorized: false } : { ca: authorities() };
    const agent = isSecure
      ? new https.Agent({ ...common, ...trust, ...hostCertificates(url.host, certificateFolders) })
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

/** The host's bundle besides Node's own: companies add their authorities there. */
function authorities(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

function hostCertificates(host: string, folders: readonly string[]): https.AgentOptions {
  const folder = folders.map((one) => path.join(one, host)).find((one) => existsSync(one));
  if (folder === undefined) return {};
  const files = (suffix: string): string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith(suffix))
      .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const own = files('.crt');
  const [cert, key] = [files('.cert')[0], files('.key')[0]];
  return {
    ...(own.length === 0 ? {} : { ca: [...authorities(), ...own] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
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
