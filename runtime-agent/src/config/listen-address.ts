import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';

/** Where the API listens. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const TLS_PORT = 2376;
const PLAIN_PORT = 2375;

/** `unix:///run/x.sock` or `tcp://ADDRESS[:PORT]`. Throws EngineError('invalid'). @param tls decides the default port */
export function parseListenAddress(text: string, tls: boolean): ListenAddress {
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(text) ?? [];
  if (scheme === 'unix' || (scheme === '' && rest.startsWith('/'))) {
    if (!rest.startsWith('/')) throw new EngineError('invalid', `${text}: the path of a Unix socket must be absolute`);
    return { kind: 'unix', path: path.resolve(rest) };
  }
  if (scheme === 'tcp') {
    const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/.exec(rest) ?? [];
    const number = port === '' ? (tls ? TLS_PORT : PLAIN_PORT) : Number(port);
    if (host === '' && port === '')
      throw new EngineError('invalid', `${text}: give an address, as tcp://127.0.0.1:2376`);
    if (number > 65_535) throw new EngineError('invalid', `${text}: ports end at 65535`);
    return { kind: 'tcp', host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: number };
  }
  throw new EngineError('invalid', `${text}: listen on unix:///PATH or tcp://ADDRESS:PORT`);
}

/** As it is printed and shown to clients. */
export function showListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return address.path;
  return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
