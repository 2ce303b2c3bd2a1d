/** BuildKit's API: connections that are taken over for gRPC, in which the engine serves (/grpc) or asks (/session). */
import type { BuildKit } from '../../buildkit/buildkit.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Call, Route } from '../route.ts';

/** @param buildKit made when a client first speaks it */
export function buildKitRoutes(buildKit: () => Promise<BuildKit>): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/grpc',
      handle: async (call) => {
        const { serve } = await buildKit();
        await serve(takeOver(call));
        return undefined;
      },
    },
    {
      method: 'POST',
      path: '/session',
      handle: async (call) => {
        checkUpgrade(call);
        if (!call.request.headers['x-docker-expose-session-uuid']) {
          throw new EngineError('invalid', 'the session has no X-Docker-Expose-Session-Uuid');
        }
        const { addSession } = await buildKit();
        await addSession(takeOver(call), call.request.headers);
        return undefined;
      },
    },
  ];
}

function checkUpgrade(call: Call): void {
  const { upgrade } = call.request.headers;
  if (upgrade === undefined) throw new EngineError('invalid', 'no upgrade proto in request');
  if (upgrade.toLowerCase() !== 'h2c') throw new EngineError('invalid', `protocol ${upgrade} not supported`);
}

function takeOver(call: Call) {
  checkUpgrade(call);
  return call.hijack('application/grpc');
}
