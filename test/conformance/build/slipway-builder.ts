/** A Slipway engine as one side of a comparison, with the base image of the cases. */
import { dockerCli } from '../../../tools/setup/docker-cli.ts';
import { docker } from '../../support/docker.ts';
import type { TestEngine } from '../../support/engine.ts';
import { BASE } from './build-case.ts';
import { baseDiffIds, type BuildingEngine } from './build-with.ts';

export async function slipwayBuilder(engine: TestEngine): Promise<BuildingEngine> {
  await docker(engine, 'pull', '-q', 'busybox:latest');
  await docker(engine, 'tag', 'busybox:latest', BASE);
  const program = await dockerCli();
  if (program === undefined) throw new Error("there is no docker command line: run 'npm run setup'");
  const env = { DOCKER_BUILDKIT: '0', DOCKER_CONFIG: '/nonexistent' };
  return { socket: engine.socket, program, env, baseDiffIds: await baseDiffIds(engine.socket) };
}
