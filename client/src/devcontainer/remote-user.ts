/** The user that the editor, its terminals and the hooks run as in the container. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { MergedConfig } from '#model/devcontainer/merge.ts';
import { expandContainer } from '#model/devcontainer/variables.ts';
import { execIn } from '../exec/exec.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';

export interface RemoteUser {
  /** As the configuration names it. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

const LOOK = `echo "uid=$(id -u)"; echo "gid=$(id -g)"; echo "home=$HOME"
line=$(grep "^[^:]*:[^:]*:$(id -u):" /etc/passwd 2>/dev/null | head -n 1); echo "shell=\${line##*:}"
`;

/** Throws EngineError('invalid') when the container has no such user, or no shell. */
export async function lookUpUser(
  connection: EngineConnection,
  container: string,
  name: string,
  signal: AbortSignal,
): Promise<RemoteUser> {
  const { code, stdout, stderr } = await execIn(connection, container, {
    argv: ['/bin/sh', '-c', LOOK],
    user: name,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof EngineError && (error.code === 'cancelled' || error.code === 'unavailable')) throw error;
    const why = error instanceof Error ? error.message : '';
    throw new EngineError('invalid', `The container cannot run programs as user "${name}": ${why}`, { cause: error });
  });
  const fields = new Map(
    stdout.split('\n').map((line) => [line.split('=')[0] ?? '', line.split('=').slice(1).join('=')]),
  );
  const uid = Number(fields.get('uid') || Number.NaN);
  if (code !== 0 || Number.isNaN(uid)) {
    throw new EngineError('invalid', `The container has no user "${name}" or no shell: ${(stderr || stdout).trim()}`);
  }
  return {
    name,
    uid,
    gid: Number(fields.get('gid')),
    home: fields.get('home') || '/',
    shell: fields.get('shell') || '/bin/sh',
  };
}

const MARK = 'slipway-environment';
const PROBE_MS = 10_000;
const SHELL_FLAGS = {
  loginShell: '-lc',
  loginInteractiveShell: '-lic',
  interactiveShell: '-ic',
  none: undefined,
} as const;
/** Belongs to the shell that was asked, not to what will be started. */
const OF_THE_SHELL = new Set(['PWD', 'OLDPWD', 'SHLVL', '_', 'TERM']);

/**
 * The environment of the editor and the hooks: what the user's shell sets up (`userEnvProbe`), then `remoteEnv`.
 * A shell that fails or hangs at that costs its settings, not the dev container.
 * @param containerEnv of the container's configuration, NAME=VALUE
 */
export async function remoteEnvironment(
  connection: EngineConnection,
  container: string,
  user: RemoteUser,
  config: MergedConfig,
  containerEnv: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const base = toRecord(containerEnv);
  const probed = await probe(connection, container, user, config, signal);
  const path = mergePaths(probed['PATH'], base['PATH']);
  const env: Record<string, string> = { ...probed, ...(path === undefined ? {} : { PATH: path }) };
  for (const [name, value] of Object.entries(expandContainer(config.remoteEnv ?? {}, { ...base, ...env }))) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}

async function probe(
  connection: EngineConnection,
  container: string,
  user: RemoteUser,
  config: MergedConfig,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const flags = SHELL_FLAGS[config.userEnvProbe ?? 'loginInteractiveShell'];
  if (flags === undefined) return {};
  const script = `printf %s '${MARK}'; cat /proc/self/environ; printf %s '${MARK}'`;
  try {
    const { stdout } = await execIn(connection, container, {
      argv: [user.shell, flags, script],
      user: user.name,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    });
    const found = toRecord((stdout.split(MARK)[1] ?? '').split('\0'));
    return Object.fromEntries(Object.entries(found).filter(([name]) => !OF_THE_SHELL.has(name)));
  } catch (error) {
    if (signal.aborted) throw error;
    return {};
  }
}

function toRecord(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => name !== ''));
}

/** A login shell that sets PATH anew must not hide what the image has added to it. */
export function mergePaths(first: string | undefined, second: string | undefined): string | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return [...new Set([...first.split(':'), ...second.split(':')])].join(':');
}
