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

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | Readable;
  /** Do not verify the server's certificate. */
  readonly insecure?: boolean;
  readonly signal?: AbortSignal;
}

export interface Transport extends Disposable {
  /**
   * Sends; the response's body is to be read or destroyed by the caller.
   * Throws EngineError('unavailable') when there is no connection, 'cancelled' when the signal says so.
   */
  send(request: RegistryRequest): Promise<IncomingMessage>;
}

export interface TransportOptions {
  /** Folders like /etc/docker/certs.d: `<host[:port]>/*.crt` are trusted for that host, `*.cert` and `*.key` presented. Default: those of Slipway and of Docker. */
  readonly certificateFolders?: readonly string[];
  readonly connectTimeoutMs?: number;
  /** No byte for that long: the connection is given up. */
  readonly idleTimeoutMs?: number;
}

const CERTIFICATE_FOLDERS = ['/etc/slipway/certs.d', '/etc/docker/certs.d'];

export function createTransport(options: TransportOptions = {}): Transport {
  const plain = new http.Agent({ keepAlive: true, maxSockets: 32, proxyEnv: process.env });
  const secure = new Map<string, https.Agent>();
  const secureAgent = (host: string, insecure: boolean): https.Agent => {
    const key = `${host} ${insecure}`;
    const known = secure.get(key);
    if (known) return known;
    const trust = insecure ? { rejectUnauthorized: false } : { ca: authorities() };
    const agent = new https.Agent({
      keepAlive: true,
      maxSockets: 32,
      proxyEnv: process.env,
      ...trust,
      ...hostCertificates(host, options.certificateFolders ?? CERTIFICATE_FOLDERS),
    });
    secure.set(key, agent);
    return agent;
  };
  return {
    async send(request) {
      const isSecure = request.url.protocol === 'https:';
      const agent = isSecure ? secureAgent(request.url.host, request.insecure === true) : plain;
      const limits = {
        agent,
        connectMs: options.connectTimeoutMs ?? 8000,
        idleMs: options.idleTimeoutMs ?? 60_000,
      };
      for (;;) {
        const response = await send(request, limits);
        if (response !== undefined) return response;
      }
    },
    [Symbol.dispose]() {
      plain.destroy();
      for (const agent of secure.values()) agent.destroy();
    },
  };
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
  readonly connectMs: number;
  readonly idleMs: number;
}

/** undefined: the server had closed the connection, which was kept from before; nothing was answered. */
function send(request: RegistryRequest, { agent, connectMs, idleMs }: Limits): Promise<IncomingMessage | undefined> {
  const { method, url, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent,
      headers: { 'User-Agent': 'slipway', ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    let connecting: NodeJS.Timeout | undefined;
    outgoing.on('socket', (socket) => {
      if (!socket.connecting) return;
      const late = (): void => void outgoing.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
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
      else reject(connectFailure(method, url, error));
    });
    outgoing.on('close', () => clearTimeout(connecting));
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
