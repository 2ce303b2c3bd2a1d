/** The agent's command line: `serve`, `doctor` and, for the engine itself, helper processes. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { runNetnsRelay } from './debug/netns-relay.ts';
import { runDoctor } from './doctor.ts';

const HELP = `Usage: slipway COMMAND

Commands:
  serve [OPTIONS]  Run the engine: the Docker Engine API on a Unix socket ('slipway serve --help')
  doctor           Say what this host lacks for running containers, and how to install it
  lint FILE…       Check Dockerfiles and Compose files ('slipway lint --help')
`;

async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args;
  switch (command) {
    case 'serve':
      // loaded here only: the helper processes must start in no time
      return await (await import('./serve.ts')).serve(rest);
    case 'doctor':
      return await runDoctor(rest);
    case 'netns-relay':
      return await runNetnsRelay(rest);
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(HELP);
      return 0;
    default:
      throw new EngineError('invalid', `'${command}' is not a slipway command.\n${HELP}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
  if (process.argv[2] === 'serve') process.exit();
} catch (error) {
  console.error(`slipway: ${messageOf(error)}`);
  process.exit(error instanceof EngineError && error.code === 'invalid' ? 2 : 1);
}
