/** gRPC's status codes (grpc.io/docs/guides/status-codes) and the engine's own. */
import { EngineError, type EngineErrorCode, messageOf } from '#model/engine-api/errors.ts';
import { bytes, message, messages, string, uint32 } from './protobuf.ts';

export const GRPC = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalid: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const CODES: Readonly<Record<EngineErrorCode, number>> = {
  // A build that fails is of no kind in particular, as BuildKit has it.
  invalid: GRPC.unknown,
  unauthorized: GRPC.unauthenticated,
  forbidden: GRPC.permissionDenied,
  'not-found': GRPC.notFound,
  'not-modified': GRPC.unknown,
  conflict: GRPC.failedPrecondition,
  'not-implemented': GRPC.unimplemented,
  unsupported: GRPC.unimplemented,
  'too-many-requests': GRPC.resourceExhausted,
  unavailable: GRPC.unavailable,
  cancelled: GRPC.cancelled,
  internal: GRPC.unknown,
};

const Any = message({ type_url: string(1), value: bytes(2) });
/** google.rpc.Status */
export const Status = message({ code: uint32(1), message: string(2), details: messages(3, Any) });

export interface StatusDetail {
  readonly type_url: string;
  readonly value: Buffer;
}

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** @param details what is known of the error besides */
export function statusOf(error: unknown, details: readonly StatusDetail[] = []): GrpcStatus {
  const cause = error instanceof EngineError ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && STATUS in cause) return cause[STATUS] as GrpcStatus;
  const code = error instanceof EngineError ? CODES[error.code] : GRPC.unknown;
  return { code, message: messageOf(error), details };
}

/** The trailers that carry a status. */
export function trailersOf({ code, message: text, details }: GrpcStatus): Record<string, string> {
  if (code === GRPC.ok) return { 'grpc-status': '0' };
  const whole = Status.encode({ code, message: text, details: details.map((detail) => ({ ...detail })) });
  return {
    'grpc-status': String(code),
    'grpc-message': encodeText(text),
    ...(details.length > 0 ? { 'grpc-status-details-bin': whole.toString('base64') } : {}),
  };
}

/** The error that a peer's trailers mean. */
export function errorOf(code: number, text: string): EngineError {
  const known = (Object.entries(CODES) as [EngineErrorCode, number][]).find(
    ([name, number]) => number === code && name !== 'not-modified' && name !== 'internal',
  );
  return new EngineError(known?.[0] ?? 'invalid', text);
}

/** Percent-encoding of all but printable ASCII, as gRPC's headers have it. */
function encodeText(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

export function decodeText(text: string): string {
  const raw = text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(raw, 'latin1').toString('utf8');
}

const STATUS = Symbol('gRPC status');

/** An error with all that its status is to say. */
export function grpcFailure(status: GrpcStatus): EngineError {
  return new EngineError('invalid', status.message, { cause: { [STATUS]: status } });
}
