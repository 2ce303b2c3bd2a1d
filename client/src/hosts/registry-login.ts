/** What `docker login` has kept for registries: sent along with pulls, pushes and builds, as the docker command line does. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { DEFAULT_DOMAIN, parseReference } from '#model/oci/reference.ts';

/** In the fields of the API's AuthConfig. */
interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

interface ClientConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** The key under which the default registry's login is kept. */
const DEFAULT_SERVER = 'https://index.docker.io/v1/';
const HELPER_MS = 10_000;

function configFolder(): string {
  return process.env['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker');
}

/** Headers for a pull or a push of an image; none without a login for its registry. */
export async function loginHeaders(reference: string, folder = configFolder()): Promise<Record<string, string>> {
  const config = await readConfig(folder);
  const login = config === undefined ? undefined : await loginFor(config, serverOf(reference));
  return login === undefined ? {} : { 'x-registry-auth': encode(login) };
}

/** Headers for a build, which may pull from any registry: all logins. */
export async function buildLoginHeaders(folder = configFolder()): Promise<Record<string, string>> {
  const config = await readConfig(folder);
  const servers = Object.keys({ ...config?.auths, ...config?.credHelpers });
  if (config === undefined || servers.length === 0) return {};
  const logins = await Promise.all(servers.map(async (server) => [server, await loginFor(config, server)] as const));
  return { 'x-registry-config': encode(Object.fromEntries(logins.filter(([, login]) => login !== undefined))) };
}

function serverOf(reference: string): string {
  const { domain } = parseReference(reference);
  return domain === DEFAULT_DOMAIN ? DEFAULT_SERVER : domain;
}

/** No file, or one that cannot be read, is no login. */
async function readConfig(folder: string): Promise<ClientConfig | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function loginFor(config: ClientConfig, server: string): Promise<Login | undefined> {
  const helper = config.credHelpers?.[server] ?? config.credsStore;
  const kept = config.auths?.[server] ?? config.auths?.[`https://${server}`];
  if (kept?.auth !== undefined && kept.auth !== '') return fromFile(server, kept.auth, kept.identitytoken);
  return helper === undefined ? undefined : await fromHelper(helper, server);
}

function fromFile(server: string, auth: string, identitytoken: string | undefined): Login | undefined {
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':');
  if (username === '') return undefined;
  const token = identitytoken === undefined ? {} : { identitytoken };
  return { username, password: password.join(':').replace(/\0+$/, ''), ...token, serveraddress: server };
}

/** The credential helper protocol: the server on stdin, JSON on stdout; an exit code other than 0 is "no login". */
async function fromHelper(helper: string, server: string): Promise<Login | undefined> {
  const answer = await new Promise<string>((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { timeout: HELPER_MS }, (error, stdout) => {
      resolve(error === null ? stdout : '');
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
  try {
    const { Username = '', Secret = '' } = JSON.parse(answer) as {
      readonly Username?: string;
      readonly Secret?: string;
    };
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: server };
    return Username === '' ? undefined : { username: Username, password: Secret, serveraddress: server };
  } catch {
    return undefined;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
