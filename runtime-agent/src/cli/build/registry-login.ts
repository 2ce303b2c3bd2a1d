/** The registry logins that `docker login` keeps in config.json, as the engine's API takes them. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

interface Login {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

type Headers = Readonly<Record<string, string>>;

function logins(environment: NodeJS.ProcessEnv): Record<string, Login> {
  const file = path.join(environment['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker'), 'config.json');
  if (!existsSync(file)) return {};
  const { auths = {} } = JSON.parse(readFileSync(file, 'utf8')) as { auths?: Record<string, { auth?: string }> };
  return Object.fromEntries(
    Object.entries(auths).flatMap(([address, { auth }]): [string, Login][] => {
      const text = Buffer.from(auth ?? '', 'base64').toString();
      const colon = text.indexOf(':');
      if (colon === -1) return []; // a credential helper has it
      const login = { username: text.slice(0, colon), password: text.slice(colon + 1), serveraddress: address };
      return [[address, login]];
    }),
  );
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const pushHeader = {
  forBuild: (environment: NodeJS.ProcessEnv): Headers => ({ 'X-Registry-Config': encode(logins(environment)) }),
  forPush(repository: string, environment: NodeJS.ProcessEnv): Headers {
    const first = repository.split('/', 1)[0] ?? '';
    const isHost = repository.includes('/') && /[.:]|^localhost$/.test(first);
    const address = isHost ? first : 'https://index.docker.io/v1/';
    return { 'X-Registry-Auth': encode(logins(environment)[address] ?? {}) };
  },
};
