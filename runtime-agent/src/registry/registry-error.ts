/** A registry's refusal (distribution's "errors" bodies) as dockerd tells of it: its words, and its kind. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { EngineError, type EngineErrorCode } from '#model/engine-api/errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { readBody } from './transport.ts';

/** What a registry said, which is the cause of the error that is made of it. */
export interface RegistryAnswer {
  readonly kind: 'registry-answer';
  readonly status: number;
  /** Upper case, as the specification has them: `MANIFEST_UNKNOWN`; '' when the registry itself failed. */
  readonly code: string;
  /** The specification's own message for the code and no details: dockerd takes that for less. */
  readonly bare: boolean;
}

/** What the error was made of; undefined when no registry answered. */
export function answerOf(error: EngineError): RegistryAnswer | undefined {
  const { cause } = error;
  const isAnswer = typeof cause === 'object' && cause !== null && 'kind' in cause && cause.kind === 'registry-answer';
  return isAnswer ? (cause as RegistryAnswer) : undefined;
}

/** The codes of the distribution specification, with what dockerd says where the registry gives no message. */
const CODES: Readonly<Record<string, readonly [EngineErrorCode, message: string]>> = {
  UNKNOWN: ['internal', 'unknown error'],
  UNSUPPORTED: ['unsupported', 'The operation is unsupported.'],
  UNAUTHORIZED: ['unauthorized', 'authentication required'],
  DENIED: ['forbidden', 'requested access to the resource is denied'],
  UNAVAILABLE: ['unavailable', 'service unavailable'],
  TOOMANYREQUESTS: ['too-many-requests', 'too many requests'],
  DIGEST_INVALID: ['invalid', 'provided digest did not match uploaded content'],
  SIZE_INVALID: ['invalid', 'provided length did not match content length'],
  RANGE_INVALID: ['invalid', 'invalid content range'],
  NAME_INVALID: ['invalid', 'invalid repository name'],
  TAG_INVALID: ['invalid', 'manifest tag did not match URI'],
  NAME_UNKNOWN: ['not-found', 'repository name not known to registry'],
  MANIFEST_UNKNOWN: ['not-found', 'manifest unknown'],
  MANIFEST_INVALID: ['invalid', 'manifest invalid'],
  MANIFEST_UNVERIFIED: ['invalid', 'manifest failed signature verification'],
  MANIFEST_BLOB_UNKNOWN: ['not-found', 'blob unknown to registry'],
  BLOB_UNKNOWN: ['not-found', 'blob unknown to registry'],
  BLOB_UPLOAD_UNKNOWN: ['not-found', 'blob upload unknown to registry'],
  BLOB_UPLOAD_INVALID: ['not-found', 'blob upload invalid'],
  PAGINATION_NUMBER_INVALID: ['invalid', 'invalid number of results requested'],
};
/** Where the body has no code. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = { 401: 'UNAUTHORIZED', 403: 'DENIED', 429: 'TOOMANYREQUESTS' };

/** Reads the whole answer, which is no success. */
export async function registryError(response: IncomingMessage): Promise<EngineError> {
  const { statusCode: status = 0, headers } = response;
  const body = (await readBody(response, 1024 * 1024).catch(() => Buffer.alloc(0))).toString();
  const phrase = `${status} ${response.statusMessage || STATUS_CODES[status] || ''}`.trim();
  if (status < 400 || status >= 500) {
    const cause: RegistryAnswer = { kind: 'registry-answer', status, code: '', bare: true };
    return new EngineError('unavailable', `received unexpected HTTP status: ${phrase}`, { cause });
  }
  const said = refusedToken(parseChallenges(headers['www-authenticate'] ?? '')) ?? firstError(body);
  const code = said?.code ?? CODE_OF_STATUS[status] ?? 'UNKNOWN';
  const fallback = code === 'UNKNOWN' ? `the registry answered ${phrase}` : (CODES[code]?.[1] ?? '');
  const message = said?.message ?? (detailsOf(body) || plainText(body) || fallback);
  const cause: RegistryAnswer = { kind: 'registry-answer', status, code, bare: said?.bare ?? false };
  const words = code.toLowerCase().replaceAll('_', ' ');
  return new EngineError(CODES[code]?.[0] ?? 'internal', `${words}: ${message}`, { cause });
}

interface Said {
  /** One of CODES. */
  readonly code: string;
  readonly message: string;
  readonly bare: boolean;
}

/** A token that does not do (RFC 6750 section 3.1). */
function refusedToken(challenges: readonly Challenge[]): Said | undefined {
  const kinds: Readonly<Record<string, string>> = { invalid_token: 'UNAUTHORIZED', insufficient_scope: 'DENIED' };
  for (const { scheme, parameters } of challenges) {
    const code = scheme === 'bearer' ? kinds[parameters['error'] ?? ''] : undefined;
    const message = parameters['error_description'] || (CODES[code ?? '']?.[1] ?? '');
    if (code !== undefined) return { code, message, bare: false };
  }
  return undefined;
}

function firstError(body: string): Said | undefined {
  const { errors } = jsonObject(body);
  const first = (Array.isArray(errors) ? errors[0] : undefined) as
    | Readonly<Record<'code' | 'message' | 'detail', unknown>>
    | undefined;
  if (typeof first?.code !== 'string') return undefined;
  const code = Object.hasOwn(CODES, first.code) ? first.code : 'UNKNOWN';
  const usual = CODES[code]?.[1] ?? '';
  const message = typeof first.message === 'string' && first.message !== '' ? first.message : usual;
  return { code, message, bare: message === usual && (first.detail ?? undefined) === undefined };
}

/** Docker Hub's own form. */
function detailsOf(body: string): string {
  const { details } = jsonObject(body);
  return typeof details === 'string' ? details : '';
}

/** A page of a web server says nothing that its status does not. */
function plainText(body: string): string {
  const text = body.trim();
  return text.startsWith('<') ? '' : text.slice(0, 200);
}

function jsonObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
