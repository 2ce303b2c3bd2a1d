/**
 * Credentials for one repository of one registry: basic, or bearer tokens fetched for a scope and kept until they expire
 * (distribution's "token authentication" specification).
 */
import type { IncomingMessage } from 'node:http';
import { EngineError } from '#model/engine-api/errors.ts';
import { parseChallenges } from './challenge.ts';
import type { RegistryCredentials } from './credentials.ts';
import { IMPATIENT, type Patience, sendPatiently } from './patient-send.ts';
import { registryError } from './registry-error.ts';
import { readBody, type RegistryRequest, type Transport } from './transport.ts';

export interface Authorizer {
  /** The header for requests of that scope, when one is known already. */
  header(scope: string): string | undefined;
  /**
   * Answers a 401's challenge; false when that is in no way which is known, or was answered the same way before.
   * Throws EngineError, which names the request, when there is nothing to answer with, or the token server gives no token.
   */
  answer(challenge: Challenged, scope: string, signal?: AbortSignal): Promise<boolean>;
}

export interface Challenged {
  /** `WWW-Authenticate` of the 401. */
  readonly header: string;
  /** `Authorization` of the request, where it had one. */
  readonly sent: string | undefined;
  /** The request, as errors name it: `Get "https://host/v2/"`. */
  readonly asked: string;
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
    async answer({ header, sent, asked }, scope, signal) {
      const challenges = parseChallenges(header);
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      if (bearer) {
        const token = fetchToken(options, bearer.parameters, scope, signal);
        tokens.set(scope, await token.catch((error: unknown) => Promise.reject(named(error, asked))));
        return true;
      }
      if (!challenges.some(({ scheme }) => scheme === 'basic')) return false;
      if (!credentials.username) throw new EngineError('internal', `${asked}: no basic auth credentials`);
      // Requests at the same time are challenged at the same time: only one that had the header was refused.
      if (basic !== undefined && sent === basic) return false;
      basic = basicHeader(credentials);
      return true;
    },
  };
}

function named(error: unknown, asked: string): unknown {
  if (!(error instanceof EngineError) || error.code === 'cancelled') return error;
  return new EngineError(error.code, `${asked}: ${error.message}`, { cause: error });
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
  if (realm === '') throw new EngineError('internal', 'no realm specified for token auth challenge');
  const url = URL.parse(realm);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new EngineError('internal', `the registry names a token server that is no URL: ${realm}`);
  }
  const asked = options.credentials.identitytoken
    ? exchange(url, service, scope, options.credentials.identitytoken)
    : question(url, service, scope, options);
  const request: RegistryRequest = { ...asked, insecure, ...(signal === undefined ? {} : { signal }) };
  const response = await sendPatiently(transport, request, patience);
  if (response.statusCode !== 200) throw await tokenError(response, url.origin);
  const { token, identityToken } = tokenOf(await readBody(response), url.origin);
  if (identityToken !== undefined) onIdentityToken?.(identityToken);
  return token;
}

/** A server that fails is not the registry, which the request names. */
async function tokenError(response: IncomingMessage, origin: string): Promise<EngineError> {
  const { code, message } = await registryError(response);
  return new EngineError(code, code === 'unavailable' ? `${message} (by the token server ${origin})` : message);
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
    if (typeof token === 'string' && /^[\x20-\x7e]+$/.test(token)) {
      const until = Date.now() + Math.max(seconds * 1000 - SPARE_MS, SPARE_MS);
      const identityToken = typeof refresh === 'string' && refresh !== '' ? refresh : undefined;
      return { token: { header: `Bearer ${token}`, until }, identityToken };
    }
  } catch (error) {
    throw new EngineError(
      'internal',
      `unable to decode token response: it is not JSON (by the token server ${origin})`,
      {
        cause: error,
      },
    );
  }
  throw new EngineError('internal', 'authorization server did not include a token in the response');
}
