/** Why a registry could not be reached, in Docker's words, with what to do about it. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';

/** @param url what was asked; its path is said as Docker does, the secrets of a query are not */
export function connectFailure(method: string, url: URL, error: unknown): EngineError {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const what = `${method[0]}${method.slice(1).toLowerCase()} "${url.origin}${url.pathname}"`;
  const where = address === undefined ? url.host : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const { reason, advice } = explain(code ?? '', { url, where, said: messageOf(error) });
  return new EngineError('unavailable', `${what}: ${reason}${advice === '' ? '' : ` (${advice})`}`, { cause: error });
}

interface Detail {
  readonly url: URL;
  readonly where: string;
  readonly said: string;
}

function explain(code: string, { url, where, said }: Detail): { reason: string; advice: string } {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return {
        reason: `dial tcp: lookup ${url.hostname}: no such host`,
        advice: `check the name and this machine's network and DNS, or name a mirror with --registry-mirror`,
      };
    case 'ECONNREFUSED':
      return {
        reason: `dial tcp ${where}: connect: connection refused`,
        advice: `is the registry running on ${where}?`,
      };
    case 'ETIMEDOUT':
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return {
        reason: `dial tcp ${where}: ${code === 'ETIMEDOUT' ? 'i/o timeout' : 'connect: network is unreachable'}`,
        advice: `check this machine's network, firewall and proxy settings, or name a mirror with --registry-mirror`,
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        reason: 'http: server gave HTTP response to HTTPS client',
        advice: `if that registry has no TLS on purpose, allow it with --insecure-registry ${url.host}`,
      };
    default:
      if (!isCertificateError(code)) return { reason: said, advice: '' };
      return {
        reason: `tls: failed to verify certificate: x509: ${said}`,
        advice: `put its authority into this machine's CA bundle or into /etc/docker/certs.d/${url.host}/ca.crt`,
      };
  }
}

function isCertificateError(code: string): boolean {
  return code.startsWith('CERT_') || /SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH/.test(code);
}
