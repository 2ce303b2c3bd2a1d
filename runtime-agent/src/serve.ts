import { messageOf } from '#model/engine-api/errors.ts';
import { DEFAULT_CONFIG_FILE, type LoadedConfig, loadConfig } from './config/engine-config.ts';
import { RELOADABLE } from './config/live-settings.ts';
import { serveHelp } from './config/serve-flags.ts';
import { type Engine, startEngine } from './engine.ts';

const SERVE_HELP = `Usage: slipway serve [OPTIONS]

Options, each also a key of the configuration file (lists may be given several times):
${serveHelp()}
  --socket PATH                     the same as --host unix://PATH
  --config-file FILE                JSON with dockerd's keys (default "${DEFAULT_CONFIG_FILE}", if there)
  --validate                        check the configuration and end

SIGHUP reads the file again and takes over: ${RELOADABLE.join(', ')}.
`;

function load(args: readonly string[]): LoadedConfig {
  const loaded = loadConfig(args);
  for (const warning of loaded.warnings) console.error(`warning: ${warning}`);
  return loaded;
}

function reload(engine: Engine, args: readonly string[]): void {
  try {
    engine.reload(load(args).config);
  } catch (error) {
    console.error(`the configuration stays as it was: ${messageOf(error)}`);
  }
}

/** `slipway serve`: runs an engine until it is told to end. */
export async function serve(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(SERVE_HELP);
    return 0;
  }
  const { config, validate } = load(args);
  if (validate) {
    console.log('configuration OK');
    return 0;
  }
  const started = startEngine(config);
  // Before it has started: the signal would end the process otherwise.
  process.on('SIGHUP', () => void started.then((engine) => reload(engine, args)));
  const engine = await started;
  console.log(`listening on ${engine.listening.join(', ')}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await engine.shutdown();
  return 0;
}
