import path from 'node:path';
import { buildAll } from '../../../tools/build.ts';
import { startTestEngine } from '../../support/engine.ts';
import { benchApi } from '../api.ts';
import type { EnginePeer } from './engine-peer.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../../dist/slipway');

/** The bundle, as users run it. */
export async function startSlipway(): Promise<EnginePeer> {
  await buildAll();
  const engine = await startTestEngine({ program: PROGRAM });
  const api = benchApi('slipway', engine.socket);
  const { Version } = await api.call<{ Version: string }>('GET', '/version');
  return {
    name: 'Slipway',
    version: `Slipway ${Version} on Node ${process.version}`,
    api,
    socket: engine.socket,
    pid: () => engine.pid,
    mark: path.dirname(engine.socket),
    async crash() {
      await engine.stop('SIGKILL');
      await engine.start();
    },
    [Symbol.asyncDispose]: async () => {
      api.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}
