/**
 * A BuildKit client for tests, as far as `docker buildx build` is one: it dials the engine's /grpc and /session, leads its
 * build through the gateway, and serves a folder, secrets and outputs on its session.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync, lstatSync } from 'node:fs';
import { request } from 'node:http';
import { performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import * as control from '../../runtime-agent/src/buildkit/messages/control.ts';
import * as gateway from '../../runtime-agent/src/buildkit/messages/gateway.ts';
import { GO_MODE } from '../../runtime-agent/src/buildkit/messages/go-mode.ts';
import {
  BytesMessage,
  CredentialsRequest,
  CredentialsResponse,
  GetSecretRequest,
  GetSecretResponse,
  PACKET,
  Packet,
} from '../../runtime-agent/src/buildkit/messages/session.ts';
import { type GrpcClient, grpcClient } from '../../runtime-agent/src/buildkit/wire/grpc-client.ts';
import { createFrameReader, frameOf } from '../../runtime-agent/src/buildkit/wire/grpc-frames.ts';
import type { ValueOf } from '../../runtime-agent/src/buildkit/wire/protobuf.ts';

export type Told = ValueOf<typeof control.StatusResponse>;

export interface BuildKitBuild {
  /** Of the frontend: `target`, `build-arg:X` … */
  readonly options?: Readonly<Record<string, string>>;
  readonly exporters?: readonly { readonly Type: string; readonly Attrs?: Record<string, string> }[];
  readonly entitlements?: readonly string[];
  readonly secrets?: Readonly<Record<string, string>>;
  /** Logins by registry. */
  readonly logins?: Readonly<Record<string, { readonly Username: string; readonly Secret: string }>>;
  /** Folders by the names that the engine asks for; `dockerfile` and `context` are `folder` where they are not named. */
  readonly folder?: string;
  readonly folders?: Readonly<Record<string, string>>;
  /** Equal for builds of one folder. */
  readonly sharedKey?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds, after which the session breaks, or all connections, as those of a process that is killed. */
  readonly breaks?: { readonly what: 'session' | 'all'; readonly afterMs: number };
}

export interface BuildKitResult {
  readonly response: Record<string, string>;
  readonly told: readonly Told[];
  /** Names of the vertexes that came to an end, in that order. */
  readonly ended: readonly string[];
  readonly cached: readonly string[];
  /** What commands printed. */
  readonly logs: string;
  /** Files whose contents were asked for. */
  readonly asked: readonly string[];
  /** What came for an output that is a file. */
  readonly output: Buffer;
}

const NEVER = new AbortController().signal;

/** Takes a connection of the engine over. */
export function dial(
  socketPath: string,
  url: string,
  headers: Record<string, string | string[]> = {},
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath,
      method: 'POST',
      path: url,
      headers: { Connection: 'Upgrade', Upgrade: 'h2c', ...headers },
    });
    call.on('upgrade', (response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      if (response.statusCode === 101) resolve(socket);
      else reject(new Error(`the engine answered ${response.statusCode}`));
    });
    call.on('response', (response) => reject(new Error(`the engine answered ${response.statusCode}`)));
    call.on('error', reject);
    call.end();
  });
}

/** What the engine serves. */
export async function dialControl(socketPath: string): Promise<GrpcClient> {
  return grpcClient(await dial(socketPath, '/grpc'));
}

/** Builds as buildx does. Rejects with the engine's error. */
export async function buildKitBuild(socketPath: string, build: BuildKitBuild): Promise<BuildKitResult> {
  const { options = {}, exporters = [], entitlements = [], signal = NEVER } = build;
  const Ref = randomBytes(8).toString('hex');
  const socket = await dial(socketPath, '/grpc');
  const client = grpcClient(socket);
  const session = await openSession(socketPath, build);
  const { breaks } = build;
  if (breaks !== undefined) {
    setTimeout(() => {
      if (breaks.what === 'all') socket.destroy();
      session.socket.destroy();
    }, breaks.afterMs);
  }
  const status = collectStatus(client, Ref, signal);
  try {
    const solving = client.call(
      '/moby.buildkit.v1.Control/Solve',
      [control.SolveRequest, control.SolveResponse],
      { Ref, Session: session.id, Exporters: [...exporters], Entitlements: [...entitlements], FrontendAttrs: options },
      signal,
    );
    solving.catch(() => {});
    const lead = { headers: { 'buildkit-controlapi-buildid': Ref }, signal };
    const promised = await callWith(client, `${BRIDGE}/Solve`, [gateway.SolveRequest, gateway.SolveResponse], lead, {
      Frontend: 'dockerfile.v0',
      FrontendOpt: options,
    });
    const { result } = promised;
    await callWith(client, `${BRIDGE}/Return`, [gateway.ReturnRequest, gateway.ReturnResponse], lead, { result });
    const { ExporterResponse } = await solving;
    return { response: ExporterResponse, ...summary(await status), asked: session.asked, output: session.output() };
  } catch (error) {
    throw Object.assign(error as Error, { told: summary(await status.catch(() => [])) });
  } finally {
    session.close();
    client.close();
  }
}

const BRIDGE = '/moby.buildkit.v1.frontend.LLBBridge';

async function callWith<Q, A>(
  client: GrpcClient,
  method: string,
  types: Parameters<typeof client.stream<Q, A>>[1],
  options: Parameters<typeof client.stream<Q, A>>[2],
  message: Partial<Q>,
): Promise<A> {
  const stream = client.stream(method, types, options);
  await stream.send(message);
  stream.end();
  for await (const answer of stream.answers) return answer;
  throw new Error(`${method} gave no answer`);
}

async function collectStatus(client: GrpcClient, Ref: string, signal: AbortSignal): Promise<Told[]> {
  const stream = client.stream('/moby.buildkit.v1.Control/Status', [control.StatusRequest, control.StatusResponse], {
    signal,
  });
  await stream.send({ Ref });
  stream.end();
  const told: Told[] = [];
  for await (const one of stream.answers) told.push(one);
  return told;
}

function summary(told: readonly Told[]) {
  const vertexes = told.flatMap((one) => one.vertexes);
  const ended = vertexes.filter(({ completed }) => completed !== undefined);
  return {
    told,
    ended: ended.map(({ name = '' }) => name),
    cached: ended.filter(({ cached }) => cached).map(({ name = '' }) => name),
    logs: told.flatMap(({ logs }) => logs.map(({ msg }) => msg?.toString() ?? '')).join(''),
  };
}

interface TestSession {
  readonly id: string;
  readonly socket: Duplex;
  readonly asked: string[];
  output(): Buffer;
  close(): void;
}

const METHODS = [
  '/moby.filesync.v1.FileSync/DiffCopy',
  '/moby.filesync.v1.FileSend/DiffCopy',
  '/moby.buildkit.secrets.v1.Secrets/GetSecret',
  '/moby.filesync.v1.Auth/Credentials',
];

async function openSession(socketPath: string, build: BuildKitBuild): Promise<TestSession> {
  const id = randomBytes(8).toString('hex');
  const socket = await dial(socketPath, '/session', {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Sharedkey': build.sharedKey ?? '',
    'X-Docker-Expose-Session-Grpc-Method': METHODS,
  });
  const asked: string[] = [];
  const output: Buffer[] = [];
  const server = performServerHandshake(socket);
  server.on('error', () => {});
  server.on('stream', (stream, headers, _flags, raw) => {
    stream.on('error', () => {});
    const method = String(headers[':path']);
    const values = (name: string): string[] => raw.filter((_, i) => i % 2 === 1 && raw[i - 1] === name);
    if (method === METHODS[0])
      serveFolder(stream, folderOf(build, values('dir-name')[0] ?? ''), values('followpaths'), asked);
    else if (method === METHODS[1]) takeOutput(stream, output);
    else if (method === METHODS[2]) serveSecret(stream, build.secrets ?? {});
    else serveLogin(stream, build.logins ?? {});
  });
  return { id, socket, asked, output: () => Buffer.concat(output), close: () => server.destroy() };
}

function folderOf({ folders = {}, folder }: BuildKitBuild, name: string): string | undefined {
  return folders[name] ?? (name === 'context' || name === 'dockerfile' ? folder : undefined);
}

function finish(stream: ServerHttp2Stream, code = 0, message = ''): void {
  if (!stream.headersSent)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code), 'grpc-message': message }));
  stream.end();
}

function serveSecret(stream: ServerHttp2Stream, secrets: Readonly<Record<string, string>>): void {
  const feed = createFrameReader((bytes) => {
    const value = secrets[GetSecretRequest.decode(bytes).ID];
    if (value === undefined) return finish(stream, 5, 'secret not found');
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.write(frameOf(GetSecretResponse.encode({ data: Buffer.from(value) })));
    finish(stream);
  });
  stream.on('data', feed);
}

function serveLogin(stream: ServerHttp2Stream, logins: NonNullable<BuildKitBuild['logins']>): void {
  const feed = createFrameReader((bytes) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const login = logins[CredentialsRequest.decode(bytes).Host] ?? {};
    stream.write(frameOf(CredentialsResponse.encode(login)));
    finish(stream);
  });
  stream.on('data', feed);
}

function takeOutput(stream: ServerHttp2Stream, output: Buffer[]): void {
  const feed = createFrameReader((bytes) => void output.push(BytesMessage.decode(bytes).data));
  stream.on('data', feed);
  stream.on('end', () => finish(stream));
}

/** As fsutil's sender: tells of every file below the paths, sends those that are asked for. */
function serveFolder(
  stream: ServerHttp2Stream,
  folder: string | undefined,
  follow: readonly string[],
  asked: string[],
): void {
  if (folder === undefined) return finish(stream, 5, 'no access allowed to dir');
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  const send = (packet: Partial<ValueOf<typeof Packet>>): void => void stream.write(frameOf(Packet.encode(packet)));
  const names = filesBelow(folder, '').filter((name) => follow.length === 0 || follow.some((one) => covers(one, name)));
  for (const name of names) send({ type: PACKET.stat, stat: statOf(folder, name) });
  send({ type: PACKET.stat });
  const feed = createFrameReader((bytes) => {
    const packet = Packet.decode(bytes);
    if (packet.type === PACKET.finish) {
      send({ type: PACKET.finish });
      finish(stream);
    }
    if (packet.type !== PACKET.request) return;
    const name = names[packet.ID] ?? '';
    asked.push(name);
    const data = readFileSync(path.join(folder, name));
    if (data.length > 0) send({ type: PACKET.data, ID: packet.ID, data });
    send({ type: PACKET.data, ID: packet.ID });
  });
  stream.on('data', feed);
}

/** The path itself, what is below it, and the folders above it. */
function covers(wanted: string, name: string): boolean {
  return name === wanted || name.startsWith(`${wanted}/`) || wanted.startsWith(`${name}/`);
}

function filesBelow(folder: string, below: string): string[] {
  return readdirSync(path.join(folder, below))
    .sort()
    .flatMap((name) => {
      const file = below === '' ? name : `${below}/${name}`;
      const stat = lstatSync(path.join(folder, file));
      return stat.isDirectory() ? [file, ...filesBelow(folder, file)] : [file];
    });
}

function statOf(folder: string, name: string) {
  const file = path.join(folder, name);
  const link = lstatSync(file);
  const stat = link.isSymbolicLink() ? link : statSync(file, { bigint: false });
  const kind = stat.isDirectory() ? GO_MODE.directory : link.isSymbolicLink() ? GO_MODE.symlink : 0;
  return {
    path: name,
    mode: ((stat.mode & 0o777) | kind) >>> 0,
    size: stat.isFile() ? stat.size : 0,
    modTime: BigInt(Math.round(stat.mtimeMs * 1e6)),
    linkname: link.isSymbolicLink() ? readlinkSync(file) : '',
  };
}
