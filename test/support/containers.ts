/** Containers over the API: made, run, attached to, without a docker command line between. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFrameReader } from '../../model/engine-api/stream-frames.ts';
import type { ContainerInspectResponse } from '../../model/engine-api/types.ts';
import { type Answer, callSocket } from './call-socket.ts';

/** An engine, ours or the reference. */
export interface Api {
  readonly socket: string;
}

export const IMAGE = process.env['REFERENCE_IMAGE'] ?? 'busybox';

/** Throws when the answer is an error. */
export async function ask(api: Api, method: string, path: string, body?: object): Promise<Answer> {
  const answer = await callSocket(api.socket, method, path, body);
  assert.ok(answer.status < 400, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

export async function pullImage(api: Api): Promise<void> {
  const found = await callSocket(api.socket, 'GET', `/images/${IMAGE}/json`);
  if (found.status === 404) await ask(api, 'POST', `/images/create?fromImage=${IMAGE}&tag=latest`);
}

export interface Wish {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly host?: object;
  /** More of the create body. */
  readonly config?: object;
}

/** Without a network unless `host` says otherwise. @returns the id */
export async function create(
  api: Api,
  { name, command = ['sleep', '1000'], host = {}, config = {} }: Wish = {},
): Promise<string> {
  const query = name === undefined ? '' : `?name=${name}`;
  const body = { Image: IMAGE, Cmd: command, HostConfig: { NetworkMode: 'none', ...host }, ...config };
  return (await ask(api, 'POST', `/containers/create${query}`, body)).json<{ Id: string }>().Id;
}

export async function start(api: Api, wish: Wish = {}): Promise<string> {
  const id = await create(api, wish);
  await ask(api, 'POST', `/containers/${id}/start`);
  return id;
}

export async function waitFor(api: Api, id: string, condition = 'not-running'): Promise<number> {
  const answer = await ask(api, 'POST', `/containers/${id}/wait?condition=${condition}`);
  return answer.json<{ StatusCode: number }>().StatusCode;
}

export async function inspect(api: Api, id: string): Promise<ContainerInspectResponse> {
  return (await ask(api, 'GET', `/containers/${id}/json`)).json();
}

export async function remove(api: Api, id: string): Promise<void> {
  await callSocket(api.socket, 'DELETE', `/containers/${id}?force=1&v=1`);
}

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What the engine kept of a container's output. */
export async function logsOf(api: Api, id: string, query = '', streams = 'stdout=1&stderr=1'): Promise<Printed> {
  const opened = await openStream(api, 'GET', `/containers/${id}/logs?${streams}${query}`);
  return await collect(opened);
}

export interface Ran extends Printed {
  readonly code: number;
}

/** Runs a container to its end and removes it. */
export async function run(api: Api, command: readonly string[], host: object = {}, config: object = {}): Promise<Ran> {
  const id = await create(api, { command, host, config });
  try {
    await ask(api, 'POST', `/containers/${id}/start`);
    const code = await waitFor(api, id);
    return { code, ...(await logsOf(api, id)) };
  } finally {
    await remove(api, id);
  }
}

/** What `docker exec` does, without a terminal. */
export async function exec(api: Api, id: string, command: readonly string[], config: object = {}): Promise<Ran> {
  const body = { AttachStdout: true, AttachStderr: true, Cmd: command, ...config };
  const { Id } = (await ask(api, 'POST', `/containers/${id}/exec`, body)).json<{ Id: string }>();
  const printed = await collect(await openStream(api, 'POST', `/exec/${Id}/start`, { body: {} }));
  const { ExitCode } = (await ask(api, 'GET', `/exec/${Id}/json`)).json<{ ExitCode: number }>();
  return { code: ExitCode, ...printed };
}

export interface OpenStream {
  readonly status: number;
  readonly head: string;
  /** Everything after the head, in both directions. */
  readonly socket: Socket;
}

interface StreamOptions {
  readonly body?: object;
  /** Ask for the connection to be upgraded, as clients since 1.21 do. Default: yes for POST. */
  readonly upgrade?: boolean;
}

/** A call whose connection becomes a stream. The socket is paused: nothing is read until somebody does. */
export function openStream(api: Api, method: string, path: string, options: StreamOptions = {}): Promise<OpenStream> {
  const text = options.body === undefined ? '' : JSON.stringify(options.body);
  const upgrade = options.upgrade ?? method === 'POST';
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: engine',
    ...(upgrade ? ['Connection: Upgrade', 'Upgrade: tcp'] : ['Connection: close']),
    ...(method === 'POST' ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`] : []),
  ];
  const socket = connect({ path: api.socket, allowHalfOpen: true });
  socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`);
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const look = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        seen = Buffer.concat([seen, chunk]);
      }
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('readable', look).off('error', reject).off('end', cut);
      const head = seen.subarray(0, end).toString();
      const rest = seen.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve({ head, socket, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]) });
    };
    const cut = (): void => reject(new Error(`the connection ended: ${seen.toString()}`));
    socket.on('readable', look).on('error', reject).on('end', cut);
  });
}

/** Takes `Transfer-Encoding: chunked` off, when the head says that it is on. */
async function* payload({ head, socket }: OpenStream): AsyncGenerator<Buffer> {
  if (!/^transfer-encoding: chunked$/im.test(head)) {
    yield* socket as AsyncIterable<Buffer>;
    return;
  }
  let kept = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    kept = Buffer.concat([kept, chunk]);
    for (;;) {
      const line = kept.indexOf('\r\n');
      const size = line < 0 ? Number.NaN : Number.parseInt(kept.subarray(0, line).toString(), 16);
      if (Number.isNaN(size) || kept.length < line + 4 + size) break;
      yield kept.subarray(line + 2, line + 2 + size);
      kept = kept.subarray(line + 4 + size);
      if (size === 0) return;
    }
  }
}

/** Both streams to their end. */
export async function collect(opened: OpenStream): Promise<Printed> {
  const read = createFrameReader();
  const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  for await (const chunk of payload(opened)) {
    for (const { stream, payload: bytes } of read(chunk)) if (stream !== 'stdin') parts[stream].push(bytes.slice());
  }
  opened.socket.destroy();
  const text = (stream: 'stdout' | 'stderr'): string => Buffer.concat(parts[stream]).toString();
  return { stdout: text('stdout'), stderr: text('stderr') };
}

/** Everything that a stream without frames brings. */
export async function collectRaw(opened: OpenStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of payload(opened)) chunks.push(Buffer.from(chunk));
  opened.socket.destroy();
  return Buffer.concat(chunks).toString();
}

export async function until(what: string, condition: () => Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `not within ${ms} ms: ${what}`);
    await sleep(50);
  }
}
