/** A BuildKit that notes what it is asked, behind the routes of POST /build. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { BuildKit } from '../buildkit/buildkit.ts';
import { createRouter } from './router.ts';
import { buildRoutes } from './routes/build.ts';
import { createApiServer } from './server.ts';

export interface NotingBuildKit extends BuildKit {
  readonly asked: Parameters<BuildKit['solve']>[0][];
  readonly uploads: [string, string][];
}

/** @param outcome what a build comes to */
export function buildKitFixture(outcome: Record<string, string> | Error): NotingBuildKit {
  const asked: NotingBuildKit['asked'] = [];
  const uploads: [string, string][] = [];
  return {
    asked,
    uploads,
    async solve(one) {
      asked.push(one);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    async *status(ref) {
      yield Buffer.from(`told of ${ref}`);
    },
    async upload(id, stream) {
      uploads.push([id, await text(stream)]);
    },
    serve: () => Promise.reject(new Error('not here')),
    addSession: () => Promise.reject(new Error('not here')),
    async [Symbol.asyncDispose]() {},
  };
}

/** Posts to /build; gives the answer's messages. */
export async function postBuild(
  kit: BuildKit,
  query: Readonly<Record<string, string>>,
  body = '',
): Promise<{ status: number; messages: unknown[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-session-build-'));
  const routes = buildRoutes({
    experimental: false,
    build: () => Promise.reject(new Error('not here')),
    history: { list: async () => [], log: async () => '' },
    upkeep: { prune: () => Promise.reject(new Error('not here')) },
    buildKit: async () => kit,
  });
  await using server = createApiServer({ router: createRouter(routes), onFault: () => {} });
  const socketPath = path.join(folder, 's');
  await server.listen({ path: socketPath });
  try {
    const said = await new Promise<{ status: number; said: string }>((resolve, reject) => {
      const call = request({ socketPath, method: 'POST', path: `/build?${new URLSearchParams(query)}` }, (response) => {
        text(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject);
      });
      call.on('error', reject).end(body);
    });
    const lines = said.said.split('\r\n').filter((line) => line !== '');
    return {
      status: said.status,
      messages: said.status === 200 ? lines.map((line): unknown => JSON.parse(line)) : lines,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
