/** The agent's command line. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { runDoctor } from './doctor.ts';

const HELP = `Usage: slipway COMMAND

Commands:
  serve [OPTIONS]  Run the engine: the Docker Engine API on a Unix socket ('slipway serve --help')
  build [OPTIONS] PATH|URL|-
                   Build an image ('slipway build --help')
  builds [logs ID] List the latest builds, or print what one of them said
  doctor           Say what this host lacks for running containers, and how to install it
  lint FILE…       Check Dockerfiles and Compose files ('slipway lint --help')
  language-server  Serve an editor: the Language Server Protocol over standard input and output
  version          Say which Slipway this is
`;

async function build(args: readonly string[]): Promise<number> {
  const { runBuildCommand } = await import('./cli/build/build.ts');
  const { linuxHost } = await import('./host/linux.ts');
  const { DEFAULT_SOCKET } = await import('./config/engine-config.ts');
  const cancelled = new AbortController();
  process.once('SIGINT', () => cancelled.abort());
  process.once('SIGTERM', () => cancelled.abort());
  const { stdin, stdout, stderr, env: environment } = process;
  const { signal } = cancelled;
  return runBuildCommand({
    args,
    stdin,
    stdout,
    stderr,
    environment,
    host: linuxHost,
    defaultSocket: DEFAULT_SOCKET,
    signal,
  });
}

async function builds(args: readonly string[]): Promise<number> {
  const { runBuildsCommand } = await import('./cli/builds.ts');
  const { DEFAULT_SOCKET } = await import('./config/engine-config.ts');
  const { stdout, env: environment } = process;
  return runBuildsCommand({
    args,
    stdout,
    environment,
    defaultSocket: DEFAULT_SOCKET,
    signal: new AbortController().signal,
  });
}

async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args;
  switch (command) {
    case 'serve':
      return await (await import('./serve.ts')).serve(rest);
    case 'build':
      return await build(rest);
    case 'builds':
      return await builds(rest);
    case 'doctor':
      return await runDoctor(rest);
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
  if (process.argv[2] === 'build') await new Promise((resolve) => process.stdout.write('', resolve));
  // Connections that are kept for another call hold nobody up.
  if (process.argv[2] === 'serve' || process.argv[2] === 'build') process.exit();
} catch (error) {
  console.error(`slipway: ${messageOf(error)}`);
  process.exit(error instanceof EngineError && error.code === 'invalid' ? 2 : 1);
}
