/** A real OpenSSH server on loopback with keys, a port and a configuration of its own; needs root. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TestSshd extends AsyncDisposable {
  readonly port: number;
  /** A folder for this server's files; gone at the end. */
  readonly folder: string;
  /** A private key that lets root in. */
  readonly keyFile: string;
  readonly pid: number;
  /** Private host key files by type. */
  readonly hostKeys: { readonly ed25519: string; readonly ecdsa: string };
  /** What sshd logged so far. */
  log(): string;
  /** Kills the connections there are, as a broken network would; the server goes on. */
  dropConnections(): void;
}

export interface SshdOptions {
  /** Lines of sshd_config that come before ours: the first value wins. */
  readonly config?: readonly string[];
  /** Offer only these host keys. */
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa')[];
}

const SSHD = '/usr/sbin/sshd';

/** Makes a key pair. @returns the private key's path; the public one is beside it, `.pub` */
export function makeKey(file: string, type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase = ''): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-a', '1', '-N', passphrase, '-C', 'slipway test', '-f', file]);
  return file;
}

export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-sshd-'));
  const keyFile = makeKey(path.join(folder, 'user_key'));
  const hostKeys = {
    ed25519: makeKey(path.join(folder, 'host_ed25519')),
    ecdsa: makeKey(path.join(folder, 'host_ecdsa'), 'ecdsa'),
  };
  const authorized = path.join(folder, 'authorized_keys');
  writeFileSync(authorized, readFileSync(`${keyFile}.pub`), { mode: 0o600 });
  const port = await freePort();
  const config = path.join(folder, 'sshd_config');
  writeFileSync(
    config,
    [
      ...(options.config ?? []),
      ...TRUST,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...(options.hostKeys ?? (['ed25519', 'ecdsa'] as const)).map((type) => `HostKey ${hostKeys[type]}`),
      `AuthorizedKeysFile ${authorized}`,
      `PidFile ${path.join(folder, 'sshd.pid')}`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      'LogLevel VERBOSE',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (log.includes('Server listening')) resolve();
  });
  child.on('error', reject);
  const exited = new Promise<void>((done) => {
    child.on('exit', () => {
      done();
      reject(new Error(`sshd did not start:\n${log}`));
    });
  });
  await listening;
  const pid = child.pid ?? 0;
  const dropConnections = (): void => {
    for (const session of descendants(pid)) signal(session, 'SIGKILL');
  };
  return {
    port,
    folder,
    keyFile,
    pid,
    hostKeys,
    log: () => log,
    dropConnections,
    async [Symbol.asyncDispose]() {
      dropConnections();
      signal(pid, 'SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Lines of sshd_config: what programs need here to trust the package registries, they need there too. */
export const TRUST: readonly string[] = setEnv(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']);

function setEnv(names: readonly string[]): string[] {
  const set = names.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
  return set.length === 0 ? [] : [`SetEnv ${set.join(' ')}`];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended by itself
  }
}

/** sshd's own processes below it, one or two for each connection; programs that a session detached are not among them. */
function descendants(root: number): number[] {
  const processes = readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, comm = ''] = /\((.*)\)/.exec(stat) ?? [];
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid: Number(name), parent, comm }];
    } catch {
      return [];
    }
  });
  const below = (pid: number): number[] =>
    processes
      .filter(({ parent, comm }) => parent === pid && comm.startsWith('sshd'))
      .flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(root);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
