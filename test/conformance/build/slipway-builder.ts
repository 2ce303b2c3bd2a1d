/** A Slipway engine as one side of a comparison, with the base image of the cases. */
import { dockerCli } from '../../../tools/setup/docker-cli.ts';
import path from 'node:path';
import { dockerPlugin } from '../../support/buildx.ts';
import { docker } from '../../support/docker.ts';
import type { TestEngine } from '../../support/engine.ts';
import { BASE } from './build-case.ts';
import { baseDiffIds, type BuildingEngine } from './build-with.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../../runtime-agent/src/main.ts');

export type BuildingClient = 'docker' | 'slipway' | 'buildx';

/** @param client docker's classic command line, our own, which sends what that one does not, or buildx, where it is */
export async function slipwayBuilder(engine: TestEngine, client: BuildingClient): Promise<BuildingEngine> {
  await docker(engine, 'pull', '-q', 'busybox:latest');
  await docker(engine, 'tag', 'busybox:latest', BASE);
  const own = { socket: engine.socket, baseDiffIds: await baseDiffIds(engine.socket) };
  if (client === 'slipway')
    return { ...own, program: process.execPath, before: [SOURCE], env: { NODE_NO_WARNINGS: '1' } };
  if (client === 'buildx') {
    const plugin = dockerPlugin('docker-buildx');
    if (plugin === undefined) throw new Error('this machine has no buildx: DOCKER_CONFIG/cli-plugins can have it');
    return { ...own, program: plugin, env: { DOCKER_CONFIG: '/nonexistent', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } };
  }
  const program = await dockerCli();
  if (program === undefined) throw new Error("there is no docker command line: run 'npm run setup'");
  const env = { DOCKER_BUILDKIT: '0', DOCKER_CONFIG: '/nonexistent' };
  return { ...own, program, env };
}
