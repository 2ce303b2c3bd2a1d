/** BuildKit's API (moby.buildkit.v1) in front of the builder: what `docker buildx` and Compose speak. */
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { CacheUpkeep } from '../build/cache-upkeep.ts';
import type { BuildRequest, BuildResult } from '../build/request.ts';
import type { Content } from '../content/content.ts';
import type { Images } from '../images/images.ts';
import { isDigest } from '#model/oci/digest.ts';
import type { Platform } from '#model/oci/platform.ts';
import { controlMethods } from './control-methods.ts';
import { gatewayMethods } from './gateway-methods.ts';
import { openBuildRecords } from './history/build-records.ts';
import { createKeptContexts } from './session/kept-contexts.ts';
import { SolveRequest, StatusResponse } from './messages/control.ts';
import { sessionHead } from './session/session-head.ts';
import { createSessions } from './session/sessions.ts';
import { createRunningBuilds } from './solve/running-builds.ts';
import { solveRequest } from './solve/solve.ts';
import { createUploads } from './solve/uploads.ts';
import { createCacheRecords } from './usage/cache-records.ts';
import { serveGrpc } from './wire/grpc-server.ts';
import type { ValueOf } from './wire/protobuf.ts';

export interface BuildKit extends AsyncDisposable {
  /** Serves a connection until it ends. */
  serve(connection: Duplex): Promise<void>;
  /** Control/Solve and Control/Status, for clients that do not call them. Gives the exporter's answer. */
  solve(request: Partial<ValueOf<typeof SolveRequest>>, signal: AbortSignal): Promise<Record<string, string>>;
  /** Encoded StatusResponses. */
  status(ref: string, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Offers a context to the build that names it as its `context`, until it has been read. */
  upload(id: string, stream: Readable, signal: AbortSignal): Promise<void>;
  /** Takes a client's session, on which the client serves, until it ends. @param headers X-Docker-Expose-Session-… */
  addSession(connection: Duplex, headers: IncomingHttpHeaders): Promise<void>;
}

export interface BuildKitDeps {
  build(request: BuildRequest): Promise<BuildResult>;
  readonly upkeep: CacheUpkeep;
  readonly dataRoot: string;
  readonly images: Pick<Images, 'find'>;
  readonly content: Pick<Content, 'read'>;
  /** Of this machine. */
  readonly platform: Platform;
  /** Names this engine. */
  readonly id: string;
}

export function createBuildKit({ build, upkeep, images, content, dataRoot, platform, id }: BuildKitDeps): BuildKit {
  const directory = path.join(dataRoot, 'build', 'contexts');
  const sessions = createSessions();
  const builds = createRunningBuilds();
  const kept = createKeptContexts(directory);
  const worker = () => ({
    ID: id,
    Labels: {},
    platforms: [{ Architecture: platform.architecture, OS: platform.os, Variant: platform.variant ?? '' }],
    BuildkitVersion: { package: 'github.com/moby/buildkit', version: 'v0.25.1-slipway', revision: '' },
  });
  const records = createCacheRecords(upkeep, kept);
  const uploads = createUploads();
  const imageBlob = async (digest: string): Promise<Buffer | undefined> =>
    isDigest(digest) && images.find(digest)?.id === digest ? await content.read(digest) : undefined;
  const history = openBuildRecords(path.join(dataRoot, 'build', 'records'));
  const tools = { uploads, build, kept, directory, sessions, builds, worker, history, platform };
  const methods = [...controlMethods({ ...tools, records, imageBlob }), ...gatewayMethods(tools)];
  return {
    async solve(request, signal) {
      const whole = { ...SolveRequest.decode(Buffer.alloc(0)), ...request };
      return (await solveRequest(whole, tools, signal)).ExporterResponse ?? {};
    },
    async *status(ref, signal) {
      const { log } = await builds.find(ref, signal);
      for await (const status of log.read(signal)) yield StatusResponse.encode(status);
    },
    upload: (id, stream, signal) => uploads.offer(id, stream, signal),
    serve: (connection) => serveGrpc(connection, methods),
    addSession: (connection, headers) => sessions.add(connection, sessionHead(headers)),
    async [Symbol.asyncDispose]() {
      kept[Symbol.dispose]();
      await history.written();
    },
  };
}
