/** The command behind the lenses of Compose files: `docker compose up` against the active host, in a terminal. */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { labelInText } from '../hosts/saved-host.ts';
import type { Command } from './command.ts';
import { activeConnection, type CommandDeps } from './deps.ts';
import { asFile } from './file-target.ts';

/** In the order in which Compose looks for them. */
const DEFAULT_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDE = /^(?:docker-)?compose\.override\.ya?ml$/;

/** @param args of a lens: the file's URI and, for one service, its name */
async function up(deps: CommandDeps, [target, service]: readonly unknown[]): Promise<void> {
  const file = asFile(target);
  if (file === undefined)
    throw new EngineError('invalid', 'Open a Compose file that is on disk, and choose “Start” in it.');
  const connection = activeConnection(deps, 'start services');
  const compose = await deps.ui.progress('Looking for Compose', (_report, signal) => deps.findCompose(signal));
  if (compose === undefined) {
    throw new EngineError(
      'unavailable',
      'Starting a project takes Compose on this machine, and neither “docker compose” nor “docker-compose” can be run here. Install the docker command line with its Compose plugin (docs.docker.com/compose/install); an engine is not needed, Slipway brings that.',
    );
  }
  const host = await deps.dockerHost();
  if (host === undefined) throw new EngineError('unavailable', `${connection.label} is not connected any more.`);
  await deps.ui.save(file);
  const one = typeof service === 'string' ? service : undefined;
  deps.ui.runProgram(`Compose: ${one ?? path.basename(path.dirname(file))} on ${labelInText(connection.label)}`, {
    program: compose.program,
    args: [...compose.args, ...composeUpArguments(file, one)],
    cwd: path.dirname(file),
    env: { DOCKER_HOST: host.url },
  });
}

/** A file that Compose finds by itself is not named: so its override file counts, too. */
export function composeUpArguments(file: string, service: string | undefined): string[] {
  const name = path.basename(file);
  const found = DEFAULT_NAMES.includes(name) || OVERRIDE.test(name);
  return [...(found ? [] : ['--file', name]), 'up', '--detach', ...(service === undefined ? [] : [service])];
}

const COMPOSE_FILE = String.raw`resourceFilename =~ /compose[^\/]*\.ya?ml$/`;

export const composeUpCommand: Command<CommandDeps> = {
  id: 'slipway.composeUp',
  title: 'Compose Up',
  icon: 'play',
  palette: 'never',
  places: [
    { menu: 'explorer/context', when: COMPOSE_FILE, group: '7_slipway@2' },
    { menu: 'editor/context', when: COMPOSE_FILE, group: '7_slipway@2' },
  ],
  handler: (deps, target, _selection, args = [target]) => up(deps, args),
};
