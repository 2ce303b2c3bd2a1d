/** A registry's refusal (distribution's "errors" bodies), with Docker's words. */
import type { IncomingMessage } from 'node:http';
import { EngineError, type EngineErrorCode } from '#model/engine-api/errors.ts';
import { readBody } from './transport.ts';

export interface RegistryError {
  readonly status: number;
  /** Upper case, as the specification has them: `MANIFEST_UNKNOWN`; '' when the answer had none. */
  readonly code: string;
  /** `manifest unknown: manifest unknown`. */
  readonly text: string;
}

/** Reads the whole answer. */
export async function registryError(response: IncomingMessage): Promise<RegistryError> {
  const status = response.statusCode ?? 0;
  const body = (await readBody(response, 1024 * 1024).catch(() => Buffer.alloc(0))).toString();
  const first = firstError(body);
  if (first) return { status, ...first };
  const said = body.trim().startsWith('<') ? '' : body.trim().slice(0, 200);
  return {
    status,
    code: '',
    text: `received unexpected HTTP status: ${status} ${response.statusMessage ?? ''}${said && `: ${said}`}`,
  };
}

/** What a token server says of its refusal, by the specification or as Docker Hub does. */
export function refusalOf(body: string): string | undefined {
  const first = firstError(body);
  if (first !== undefined) return first.text;
  try {
    const { details } = JSON.parse(body) as { details?: unknown };
    return typeof details === 'string' && details !== '' ? `unauthorized: ${details}` : undefined;
  } catch {
    return undefined;
  }
}

function firstError(body: string): { code: string; text: string } | undefined {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: unknown; message?: unknown }[] };
    const first = Array.isArray(errors) ? errors[0] : undefined;
    if (first === undefined || typeof first.code !== 'string') return undefined;
    const words = first.code.toLowerCase().replaceAll('_', ' ');
    return { code: first.code, text: typeof first.message === 'string' ? `${words}: ${first.message}` : words };
  } catch {
    return undefined;
  }
}

/** @param what `manifest for node:99` or `blob sha256:…` */
export function toEngineError({ status, text }: RegistryError, what: string): EngineError {
  const codes: Readonly<Record<number, EngineErrorCode>> = {
    400: 'invalid',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not-found',
  };
  return new EngineError(codes[status] ?? 'unavailable', `${what}: ${text}`);
}
