/** One SSH connection to a host, from the first packet to the last: a HostShell over the `ssh2` library. */
import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ServerHostKeyAlgorithm, type SFTPWrapper } from 'ssh2';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { HostShell } from '../host-shell.ts';
import { sshAuth } from './auth.ts';
import { dialThrough, openSftp } from './channel.ts';
import { runOver } from './exec.ts';
import { hostKeyCheck } from './host-key.ts';
import { lendPort } from './lend-port.ts';
import type { SshPrompts } from './prompts.ts';
import type { SshTarget } from './target.ts';
import { dialCommand, dialTcp, silent } from './transport.ts';
import { uploadOver } from './upload.ts';

export interface SshSession extends HostShell {
  readonly target: SshTarget;
  sftp(): Promise<SFTPWrapper>;
  /** Opens a TCP connection from the host (for a jump to the next one). */
  dialTcp(host: string, port: number): Promise<Duplex>;
  /** Calls the listener once when the connection is gone; the reason is for a person. Not after `end`. */
  onClose(listener: (reason: string) => void): void;
  end(): void;
}

export interface SshOptions {
  readonly prompts: SshPrompts;
  /** Reads the configuration for a jump host. */
  readonly resolve: (name: string) => SshTarget;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
  /** A port of this machine that the host shall reach, on its loopback interface. */
  readonly lend?: number;
}

/** @throws EngineError: `unavailable` (cannot reach), `forbidden` (host key), `unauthorized` (not let in), `cancelled` */
export async function openSshSession(target: SshTarget, options: SshOptions): Promise<SshSession> {
  const hops: SshSession[] = [];
  try {
    const sock = await openTransport(target, options, hops);
    const client = await handshake(target, sock, options);
    if (options.lend !== undefined) lendPort(client, { host: target.name, port: options.lend, log: options.log });
    return sessionOver(client, target, hops);
  } catch (error) {
    for (const hop of hops) hop.end();
    throw error;
  }
}

async function openTransport(target: SshTarget, options: SshOptions, hops: SshSession[]): Promise<Duplex> {
  if (target.proxyCommand !== undefined) return dialCommand(target.proxyCommand, target, options.log);
  const [nearest, ...further] = target.jumps.toReversed();
  if (nearest === undefined) return await dialTcp(target, options.signal);
  const jump = options.resolve(nearest);
  const { lend: _, ...forHop } = options;
  const hop = await openSshSession({ ...jump, jumps: further.length > 0 ? further.toReversed() : jump.jumps }, forHop);
  hops.push(hop);
  return await hop.dialTcp(target.host, target.port);
}

async function handshake(target: SshTarget, sock: Duplex, options: SshOptions): Promise<Client> {
  const { signal } = options;
  const hostKey = await hostKeyCheck(target, options.prompts.trustHostKey);
  const auth = await sshAuth(target, options.prompts);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  let verdict: unknown;
  const abort = (): void => reject(new EngineError('cancelled', 'Cancelled.'));
  signal?.addEventListener('abort', abort, { once: true });
  // Until it shows its key, as OpenSSH's ConnectTimeout; then a person may be asked, who may take their time.
  const giveUp = (): void => reject(silent(target, 'Something takes connections there and does not speak SSH.'));
  const timer = setTimeout(giveUp, target.connectTimeoutMs);
  client.on('ready', () => resolve(client));
  client.on('banner', (text) => options.log(`${target.name}: ${text.trimEnd()}`));
  client.on('error', (error: Error & { level?: string }) => {
    // A key of the agent that cannot sign is passed over, the next one is tried.
    if (error.level === 'agent') options.log(`${target.name}: ${error.message}`);
    else reject(verdict ?? (error.level === 'client-authentication' ? auth.failure() : handshakeError(target, error)));
  });
  client.on('close', () => reject(verdict ?? handshakeError(target, new Error('it closed the connection'))));
  client.connect({
    sock,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: target.keepAliveMs,
    keepaliveCountMax: target.keepAliveCount,
    strictVendor: false,
    algorithms: { serverHostKey: hostKeyAlgorithms(hostKey.preferredTypes) },
    hostVerifier: (key: Buffer, done: (trusted: boolean) => void) => {
      clearTimeout(timer);
      hostKey.verify(key).then(
        () => done(true),
        (error: unknown) => {
          verdict = error;
          done(false);
        },
      );
    },
    authHandler: auth.handler,
  });
  try {
    return await promise;
  } catch (error) {
    client.destroy();
    sock.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function handshakeError(target: SshTarget, error: Error): EngineError {
  if (error instanceof EngineError) return error;
  const text = `The SSH connection to ${target.host}:${target.port} failed: ${error.message}`;
  return new EngineError('unavailable', text, { cause: error });
}

const ALL_HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** The algorithms that the known key types go by come first, so that the server shows a key we can compare. */
function hostKeyAlgorithms(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (name: string): boolean => knownTypes.includes(name.startsWith('rsa-sha2') ? 'ssh-rsa' : name);
  return [...ALL_HOST_KEYS.filter(isKnown), ...ALL_HOST_KEYS.filter((name) => !isKnown(name))];
}

/** The other side, or something between, ended the connection: a system call's name says no more than that. */
function isCut(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET';
}

function sessionOver(client: Client, target: SshTarget, hops: readonly SshSession[]): SshSession {
  const listeners = new Set<(reason: string) => void>();
  let closed: string | undefined;
  let lastError: string | undefined;
  let ended = false;
  client.removeAllListeners('error');
  client.on('error', (error) => (lastError = isCut(error) ? undefined : messageOf(error)));
  client.on('close', () => {
    for (const hop of hops) hop.end();
    closed = `The SSH connection to ${target.name} was lost${lastError === undefined ? '' : `: ${lastError}`}.`;
    if (!ended) for (const listener of listeners) listener(closed);
  });
  const open = (): Client => {
    if (closed !== undefined) throw new EngineError('unavailable', closed);
    return client;
  };
  const sftp = async (): Promise<SFTPWrapper> => await openSftp(open(), target.name);
  return {
    target,
    sftp,
    run: async (command, options) => await runOver(open(), target.name, command, options),
    upload: (localFile, remoteFile, options) =>
      uploadOver(
        { run: (c, o) => runOver(open(), target.name, c, o), sftp, name: target.name },
        localFile,
        remoteFile,
        options,
      ),
    dial: async (socketPath, signal) => await dialThrough(open(), target.name, { socketPath }, signal),
    dialTcp: async (host, port) => await dialThrough(open(), target.name, { host, port }),
    onClose(listener) {
      if (closed === undefined) listeners.add(listener);
      else if (!ended) listener(closed);
    },
    end() {
      ended = true;
      client.end();
      for (const hop of hops) hop.end();
    },
  };
}
