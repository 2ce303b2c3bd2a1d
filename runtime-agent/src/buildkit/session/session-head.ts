import type { IncomingHttpHeaders } from 'node:http';
import type { SessionHead } from './sessions.ts';

/** @param headers X-Docker-Expose-Session-… */
export function sessionHead(headers: IncomingHttpHeaders): SessionHead {
  const text = (name: string): string => String(headers[`x-docker-expose-session-${name}`] ?? '');
  const methods = text('grpc-method')
    .split(',')
    .map((method) => method.trim());
  return { id: text('uuid'), sharedKey: text('sharedkey'), methods };
}
