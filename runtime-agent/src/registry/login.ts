/** `docker login`'s check of credentials against a registry. */
import { STATUS_CODES } from 'node:http';
import { EngineError } from '#model/engine-api/errors.ts';
import { DEFAULT_DOMAIN } from '#model/oci/reference.ts';
import { createAuthorizer } from './authorizer.ts';
import type { RegistryCredentials } from './credentials.ts';
import { type EndpointOptions, endpointsOf } from './endpoints.ts';
import { requestName } from './request-name.ts';
import type { Transport } from './transport.ts';

export interface LoginDependencies extends EndpointOptions {
  readonly transport: Transport;
}

/** `https://index.docker.io/v1/`, `host:5000`, `https://host/v2/`: the host is what counts. */
function domainOf(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? DEFAULT_DOMAIN : host;
}

/** Throws EngineError: 'unauthorized' when they are refused, 'unavailable' when the registry cannot be asked. */
export async function checkLogin(
  { transport, ...options }: LoginDependencies,
  credentials: RegistryCredentials,
  signal: AbortSignal,
): Promise<{ readonly IdentityToken: string; readonly Status: string }> {
  const endpoint = endpointsOf(domainOf(credentials.serveraddress ?? ''), options).at(-1);
  if (endpoint === undefined) throw new EngineError('invalid', 'no registry is named');
  let status = 0;
  let asked = '';
  let identityToken = '';
  const onIdentityToken = (token: string): void => void (identityToken = token);
  for (const base of [endpoint.base, endpoint.plainBase]) {
    if (base === undefined) break;
    asked = `${base}/v2/`;
    try {
      status = await ask(transport, new URL(asked), {
        credentials,
        insecure: endpoint.insecure,
        signal,
        onIdentityToken,
      });
      break;
    } catch (error) {
      const canFallBack = endpoint.plainBase !== undefined && base === endpoint.base;
      if (!(error instanceof EngineError) || error.code !== 'unavailable' || !canFallBack) throw error;
    }
  }
  if (status === 200) return { IdentityToken: identityToken, Status: 'Login Succeeded' };
  // As dockerd, for whom what was refused here is no error of the client's.
  const text = `login attempt to ${asked} failed with status: ${status} ${STATUS_CODES[status] ?? ''}`;
  throw new EngineError('internal', text.trim());
}

interface Asked {
  readonly credentials: RegistryCredentials;
  readonly insecure: boolean;
  readonly signal: AbortSignal;
  readonly onIdentityToken: (token: string) => void;
}

async function ask(transport: Transport, url: URL, asked: Asked): Promise<number> {
  const { insecure, signal } = asked;
  const authorizer = createAuthorizer({ transport, ...asked });
  const send = async () => {
    const header = authorizer.header('');
    const headers = header === undefined ? {} : { Authorization: header };
    const response = await transport.send({ method: 'GET', url, headers, insecure, signal });
    response.resume();
    return response;
  };
  const first = await send();
  const challenge = first.headers['www-authenticate'];
  if (first.statusCode !== 401 || challenge === undefined) return first.statusCode ?? 0;
  const challenged = { header: challenge, sent: undefined, asked: requestName('GET', url) };
  if (!(await authorizer.answer(challenged, '', signal))) return 401;
  return (await send()).statusCode ?? 0;
}
