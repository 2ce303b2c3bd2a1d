/** A Slipway engine as one side of a comparison, with the base image of the cases. */
import { dockerCli } from '../../../tools/setup/docker-cli.ts';
import path from 'node:path';
import { docker } from '../../support/docker.ts';
import type { TestEngine } from '../../support/engine.ts';
import { BASE } from './build-case.ts';
import { baseDiffIds, type BuildingEngine } from './build-with.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../../runtime-agent/src/main.ts');

/** @param client docker's classic command line, or our own, which sends what that one does not */
export async function slipwayBuilder(engine: TestEngine, client: 'docker' | 'slipway'): Promise<BuildingEngine> {
  await docker(engine, 'pull', '-q', 'busybox:latest');
  await docker(engine, 'tag', 'busybox:latest', BASE);
  const own = { socket: engine.socket, baseDiffIds: await baseDiffIds(engine.socket) };
  if (client === 'slipway')
    return { ...own, program: process.execPath, before: [SOURCE], env: { NODE_NO_WARNINGS: '1' } };
  const program = await dockerCli();
  if (program === undefined) throw new Error("there is no docker command line: run 'npm run setup'");
  const env = { DOCKER_BUILDKIT: '0', DOCKER_CONFIG: '/nonexistent' };
  return { ...own, program, env };
}
