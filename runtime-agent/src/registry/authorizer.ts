/**
 * Credentials for one repository of one registry: basic, or bearer tokens fetched for a scope and kept until they expire
 * (distribution's "token authentication" specification).
 */
import { EngineError } from '#model/engine-api/errors.ts';
import { parseChallenges } from './challenge.ts';
import type { RegistryCredentials } from './credentials.ts';
import { IMPATIENT, type Patience, sendPatiently } from './patient-send.ts';
import { refusalOf } from './registry-error.ts';
import { readBody, type RegistryRequest, type Transport } from './transport.ts';

export interface Authorizer {
  /** The header for requests of that scope, when one is known already. */
  header(scope: string): string | undefined;
  /**
   * Answers a 401's challenge. Throws EngineError('unauthorized') when there is nothing to answer with.
   * @param sent the Authorization header of the request that was challenged
   */
  answer(wwwAuthenticate: string, scope: string, sent: string | undefined, signal?: AbortSignal): Promise<void>;
}

export interface AuthorizerOptions {
  readonly transport: Transport;
  readonly credentials: RegistryCredentials;
  readonly insecure: boolean;
  /** With the token server. */
  readonly patience?: Patience;
  /** Asks for a token by which to log in again without the password, and is told it when the server gives one. */
  readonly onIdentityToken?: (token: string) => void;
}

/** Tokens without expires_in last 60 s by the specification. */
const DEFAULT_LIFE_S = 60;
const SPARE_MS = 10_000;

interface Known {
  readonly header: string;
  readonly until: number;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { credentials } = options;
  const tokens = new Map<string, Known>();
  let basic: string | undefined;
  if (credentials.registrytoken) basic = `Bearer ${credentials.registrytoken}`;
  return {
    header(scope) {
      const known = tokens.get(scope);
      return known && known.until > Date.now() ? known.header : basic;
    },
    async answer(wwwAuthenticate, scope, sent, signal) {
      const challenges = parseChallenges(wwwAuthenticate);
      const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters['realm']);
      if (bearer) {
        tokens.set(scope, await fetchToken(options, bearer.parameters, scope, signal));
        return;
      }
      if (challenges.some(({ scheme }) => scheme === 'basic') && credentials.username) {
        // Requests at the same time are challenged at the same time: only one that had the header was refused.
        if (basic !== undefined && sent === basic)
          throw new EngineError('unauthorized', 'unauthorized: authentication required');
        basic = basicHeader(credentials);
        return;
      }
      // As dockerd: 401 is for credentials that were refused; on it the docker command line asks for a password.
      throw new EngineError('internal', 'no basic auth credentials');
    },
  };
}

function basicHeader({ username = '', password = '' }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const CLIENT = 'slipway';

async function fetchToken(
  options: AuthorizerOptions,
  { realm = '', service = '' }: Readonly<Record<string, string>>,
  scope: string,
  signal?: AbortSignal,
): Promise<Known> {
  const { transport, insecure, patience = IMPATIENT, onIdentityToken } = options;
  const url = URL.parse(realm);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new EngineError('unavailable', `the registry names a token server that is no URL: ${realm}`);
  }
  const asked = options.credentials.identitytoken
    ? exchange(url, service, scope, options.credentials.identitytoken)
    : question(url, service, scope, options);
  const request: RegistryRequest = { ...asked, insecure, ...(signal === undefined ? {} : { signal }) };
  const response = await sendPatiently(transport, request, patience);
  const body = await readBody(response);
  if (response.statusCode === 401 || response.statusCode === 403) {
    const text = refusalOf(body.toString()) ?? 'unauthorized: authentication required';
    throw new EngineError(response.statusCode === 401 ? 'unauthorized' : 'forbidden', text);
  }
  if (response.statusCode !== 200) {
    throw new EngineError('unavailable', `the token server ${url.origin} answered ${response.statusCode}`);
  }
  const { token, identityToken } = tokenOf(body, url.origin);
  if (identityToken !== undefined) onIdentityToken?.(identityToken);
  return token;
}

/** By OAuth2, with what a login has left. */
function exchange(url: URL, service: string, scope: string, token: string): RegistryRequest {
  const grant = { grant_type: 'refresh_token', client_id: CLIENT, refresh_token: token };
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return { url, method: 'POST', body: String(new URLSearchParams({ service, scope, ...grant })), headers };
}

function question(url: URL, service: string, scope: string, options: AuthorizerOptions): RegistryRequest {
  const { username = '' } = options.credentials;
  const add = (name: string, value: string): void => {
    if (value !== '') url.searchParams.append(name, value);
  };
  add('service', service);
  for (const one of scope.split(' ')) add('scope', one);
  add('account', username);
  if (options.onIdentityToken !== undefined) {
    add('offline_token', 'true');
    add('client_id', CLIENT);
  }
  return { url, method: 'GET', headers: username === '' ? {} : { Authorization: basicHeader(options.credentials) } };
}

interface Granted {
  readonly token: Known;
  readonly identityToken: string | undefined;
}

function tokenOf(body: Buffer, origin: string): Granted {
  try {
    const value = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const token = value['token'] ?? value['access_token'];
    const seconds = typeof value['expires_in'] === 'number' ? value['expires_in'] : DEFAULT_LIFE_S;
    const refresh = value['refresh_token'];
    if (typeof token === 'string' && token !== '') {
      const until = Date.now() + Math.max(seconds * 1000 - SPARE_MS, SPARE_MS);
      const identityToken = typeof refresh === 'string' && refresh !== '' ? refresh : undefined;
      return { token: { header: `Bearer ${token}`, until }, identityToken };
    }
  } catch (error) {
    throw new EngineError('unavailable', `the token server ${origin} did not answer in JSON`, { cause: error });
  }
  throw new EngineError('unavailable', `the token server ${origin} gave no token`);
}
