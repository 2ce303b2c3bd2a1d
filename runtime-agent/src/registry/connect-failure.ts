/** Why a registry could not be reached, in Docker's words, with what to do about it. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { requestName } from './request-name.ts';

interface Attempt {
  readonly method: string;
  readonly url: URL;
  readonly named?: URL;
  readonly isWeb?: boolean;
}

/** @param proxy what it was asked through */
export function connectFailure(
  { method, url, named = url, isWeb = false }: Attempt,
  error: unknown,
  proxy?: URL,
): EngineError {
  const { code = '', address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const what = requestName(method, named);
  const asked = proxy ?? url;
  const where = address === undefined ? asked.host : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const detail = { url: asked, where, said: messageOf(error), isWeb };
  const { reason, advice } = proxy === undefined ? explain(code, detail) : explainProxy(code, detail);
  return new EngineError('unavailable', `${what}: ${reason}${advice === '' ? '' : ` (${advice})`}`, { cause: error });
}

interface Detail {
  readonly url: URL;
  readonly where: string;
  readonly said: string;
  readonly isWeb: boolean;
}

function explainProxy(code: string, detail: Detail): { reason: string; advice: string } {
  const advice = `check the engine's proxy ${detail.url.host}: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or its configuration`;
  if (code === 'ERR_PROXY_TUNNEL') {
    const status = /HTTP\/1\.\d (\d{3}.*)$/.exec(detail.said)?.[1] ?? 'the connection was closed';
    return { reason: `proxyconnect tcp: ${status}`, advice };
  }
  const { reason } = explain(code, detail);
  const isItsOwn = reason.startsWith('dial tcp');
  return isItsOwn ? { reason: `proxyconnect tcp: ${reason}`, advice } : { reason, advice: '' };
}

function explain(code: string, { url, where, said, isWeb }: Detail): { reason: string; advice: string } {
  const orMirror = isWeb ? '' : ', or name a mirror with --registry-mirror';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return {
        reason: `dial tcp: lookup ${url.hostname}: no such host`,
        advice: `check the name and this machine's network and DNS${orMirror}`,
      };
    case 'ECONNREFUSED':
      return {
        reason: `dial tcp ${where}: connect: connection refused`,
        advice: `is the ${isWeb ? 'server' : 'registry'} running on ${where}?`,
      };
    case 'ETIMEDOUT':
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return {
        reason: `dial tcp ${where}: ${code === 'ETIMEDOUT' ? 'i/o timeout' : 'connect: network is unreachable'}`,
        advice: `check this machine's network, firewall and proxy settings${orMirror}`,
      };
    case 'ECONNRESET':
      return { reason: said === 'socket hang up' ? 'EOF' : 'read: connection reset by peer', advice: '' };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        reason: 'http: server gave HTTP response to HTTPS client',
        advice: isWeb ? '' : `if that registry has no TLS on purpose, allow it with --insecure-registry ${url.host}`,
      };
    default:
      if (!isCertificateError(code)) return { reason: said, advice: '' };
      return {
        reason: `tls: failed to verify certificate: x509: ${certificateFault(code, said)}`,
        advice: `put its authority into this machine's CA bundle or into /etc/docker/certs.d/${url.host}/ca.crt`,
      };
  }
}

/** In Go's words where it has some, which people search for; node's behind them. */
function certificateFault(code: string, said: string): string {
  if (/SELF_SIGNED|UNABLE_TO_/.test(code)) return `certificate signed by unknown authority: ${said}`;
  const isTime = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
  return isTime ? `certificate has expired or is not yet valid: ${said}` : said;
}

function isCertificateError(code: string): boolean {
  return code.startsWith('CERT_') || /SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH/.test(code);
}
