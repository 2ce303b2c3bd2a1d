/** The `X-Registry-Auth` header: base64url of a JSON object. */
import type { RegistryCredentials } from './credentials.ts';

const FIELDS = ['username', 'password', 'identitytoken', 'registrytoken', 'serveraddress'] as const;

/** No credentials when there is no header, or it cannot be read: Docker asks the registry all the same. */
export function readRegistryAuth(header: string | string[] | undefined): RegistryCredentials {
  if (typeof header !== 'string') return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString());
    return typeof value === 'object' && value !== null ? pickCredentials(value) : {};
  } catch {
    return {};
  }
}

/** The fields that are there and text. `auth` (user:password in base64) is read as well. */
export function pickCredentials(value: object): RegistryCredentials {
  const fields = value as Record<string, unknown>;
  const picked = FIELDS.filter((name) => typeof fields[name] === 'string' && fields[name] !== '');
  const credentials: RegistryCredentials = Object.fromEntries(picked.map((name) => [name, fields[name]]));
  if (typeof fields['auth'] !== 'string' || credentials.username !== undefined) return credentials;
  const [username = '', ...password] = Buffer.from(fields['auth'], 'base64').toString().split(':');
  return username === '' ? credentials : { ...credentials, username, password: password.join(':') };
}
