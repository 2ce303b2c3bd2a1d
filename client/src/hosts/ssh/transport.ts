/** The byte stream an SSH connection runs over: TCP, a proxy command's standard streams, or a channel of another host. */
import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { SshTarget } from './target.ts';

/** @throws EngineError `unavailable` that names the host, the port and the reason */
export function dialTcp(target: SshTarget, signal?: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host: target.host, port: target.port, autoSelectFamily: true });
  const timer = setTimeout(() => {
    fail(silent(target, 'Is it on, and may you reach it?'));
  }, target.connectTimeoutMs);
  const abort = (): void => fail(new EngineError('cancelled', 'Cancelled.'));
  const settle = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  const fail = (error: EngineError): void => {
    settle();
    socket.destroy();
    reject(error);
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  socket.once('connect', () => {
    settle();
    socket.removeAllListeners('error');
    socket.setNoDelay(true);
    resolve(socket);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => fail(unreachable(target, reasonOf(error, target), error)));
  return promise;
}

/** After ConnectTimeout. */
export function silent(target: SshTarget, question: string): EngineError {
  return unreachable(target, `no answer for ${target.connectTimeoutMs / 1000} s. ${question}`);
}

function unreachable(target: SshTarget, reason: string, cause?: unknown): EngineError {
  const where = target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
  const alias = target.name.includes(target.host) ? '' : ` (${target.name})`;
  return new EngineError('unavailable', `Cannot reach ${where}${alias}: ${reason}`, { cause });
}

function reasonOf(error: NodeJS.ErrnoException, target: SshTarget): string {
  // With several addresses Node reports each of them; the first tells enough.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  switch (first.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host of the name “${target.host}”. Check the spelling, your DNS or VPN, or HostName in ~/.ssh/config.`;
    case 'ECONNREFUSED':
      return 'connection refused. Is sshd running there, on this port?';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to it. Check your network or VPN.';
    case 'ETIMEDOUT':
      return 'it does not answer. Is it on, and may you reach it?';
    default:
      return first.message;
  }
}

/** Runs `ProxyCommand` (ssh_config(5)) in the person's shell, as ssh does. */
export function dialCommand(command: string, target: SshTarget, log: (line: string) => void): Duplex {
  const child = spawn(process.env['SHELL'] ?? '/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => log(`proxy of ${target.name}: ${text.trimEnd()}`));
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (error) => {
    stream.destroy(new EngineError('unavailable', `The proxy command of ${target.name} failed: ${error.message}`));
  });
  stream.on('close', () => child.kill());
  return stream;
}
