/** BuildKit's API (moby.buildkit.v1) in front of the builder: what `docker buildx` and Compose speak. */
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { CacheUpkeep } from '../build/cache-upkeep.ts';
import type { BuildRequest, BuildResult } from '../build/request.ts';
import type { Platform } from '#model/oci/platform.ts';
import { controlMethods } from './control-methods.ts';
import { gatewayMethods } from './gateway-methods.ts';
import { createKeptContexts } from './session/kept-contexts.ts';
import { sessionHead } from './session/session-head.ts';
import { createSessions } from './session/sessions.ts';
import { createRunningBuilds } from './solve/running-builds.ts';
import { createCacheRecords } from './usage/cache-records.ts';
import { serveGrpc } from './wire/grpc-server.ts';

export interface BuildKit extends Disposable {
  /** Serves a connection until it ends. */
  serve(connection: Duplex): Promise<void>;
  /** Takes a client's session, on which the client serves, until it ends. @param headers X-Docker-Expose-Session-… */
  addSession(connection: Duplex, headers: IncomingHttpHeaders): Promise<void>;
}

export interface BuildKitDeps {
  build(request: BuildRequest): Promise<BuildResult>;
  readonly upkeep: CacheUpkeep;
  readonly dataRoot: string;
  /** Of this machine. */
  readonly platform: Platform;
  /** Names this engine. */
  readonly id: string;
}

export function createBuildKit({ build, upkeep, dataRoot, platform, id }: BuildKitDeps): BuildKit {
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
  const tools = { build, kept, directory, sessions, builds, worker };
  const methods = [...controlMethods({ ...tools, records }), ...gatewayMethods(tools)];
  return {
    serve: (connection) => serveGrpc(connection, methods),
    addSession: (connection, headers) => sessions.add(connection, sessionHead(headers)),
    [Symbol.dispose]: () => kept[Symbol.dispose](),
  };
}
