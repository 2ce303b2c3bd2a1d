/** `npm start`: set-up, build, the engine of this machine, and a VS Code with Slipway in it. One address to open. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFile, writeFile } from 'node:fs/promises';
import { buildAll } from '../build.ts';
import { dockerCli } from '../setup/docker-cli.ts';
import { IMAGE_PACKAGES, installPackages } from '../setup/host-packages.ts';
import { bringIde, type Ide } from '../setup/ide.ts';
import { type Progress, progressOn } from '../setup/progress.ts';
import { runProgram } from '../setup/run-program.ts';
import { installForStart } from '../setup.ts';
import { installExtension, startIdeServer } from '../world/ide-server.ts';
import { makeImages } from '../world/images/make.ts';
import { answersPublicRegistry } from '../world/public-registry.ts';
import { bringRegistry, REGISTRY_STORAGE, startRegistry } from '../world/registry.ts';
import { startLocalEngine } from './local-engine.ts';
import { HELP, parseStartOptions, type StartOptions } from './options.ts';
import { reachSshHost } from './reach-ssh-host.ts';
import { relayErrors } from './relay-errors.ts';
import { SAMPLE_IMAGES, sampleWorkspace } from './sample.ts';
import { START_SETTINGS } from './settings.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const HOME = path.join(process.env['XDG_DATA_HOME'] ?? path.join(homedir(), '.local/share'), 'slipway');
const SOCKET = '/run/slipway/slipway.sock';
const DATA_ROOT = '/var/lib/slipway';
const PROBE_MS = 2000;
const PATIENCE_MS = 3000;
/** Fixed, so that an engine that is running already can go on using it. */
const MIRROR_PORT = 8641;

/** @returns the address to open; what it started is on the stack `made` */
async function main(options: StartOptions, made: AsyncDisposableStack, stop: AbortSignal): Promise<string> {
  const progress = progressOn();
  if (options.ssh === undefined && process.getuid?.() !== 0) {
    throw new Error('The engine needs root: run this with sudo, or use an SSH host: npm start -- --ssh HOST');
  }
  await portMustBeFree(options.port);
  if (options.ssh !== undefined) await reachSshHost(options.ssh);
  const probing = answersPublicRegistry(PROBE_MS);
  await installForStart(progress, { engine: options.ssh === undefined });
  const home = path.join(HOME, 'vscode');
  const [mirror, ide] = await Promise.all([
    probing.then((internet) => seedImages(internet, progress, made)),
    bringIde(progress).then(async (ide) => {
      await prepareExtension(ide, home, progress);
      return ide;
    }),
  ]);
  stop.throwIfAborted();
  if (options.ssh === undefined) await startEngine(mirror, progress, made);
  const folder = options.workspace ?? (await sampleWorkspace());
  const env = await ideEnvironment(options, mirror);
  stop.throwIfAborted();
  const machineSettings = { 'slipway.engine.registryMirrors': mirror === undefined ? [] : [mirror] };
  const { port } = options;
  const server = await startIdeServer({ ide, home, port, env, settings: START_SETTINGS, machineSettings });
  made.use(server);
  made.use(relayErrors(server.logFile, (message) => console.error(`slipway: ${message}`)));
  return server.urlFor(folder);
}

/** For the extension and the terminals: which host to connect, what to lend it, a docker command line on the PATH. */
async function ideEnvironment({ ssh }: StartOptions, mirror: string | undefined): Promise<NodeJS.ProcessEnv> {
  const docker = await dockerCli();
  return {
    SLIPWAY_CONNECT: ssh === undefined ? 'local' : `ssh:${ssh}`,
    ...(ssh === undefined || mirror === undefined ? {} : { SLIPWAY_LEND_PORT: new URL(mirror).port }),
    // Not PATH itself: VS Code's server takes that from a login shell, which may start it anew.
    ...(docker === undefined ? {} : { SLIPWAY_TERMINAL_PATH: path.dirname(docker) }),
  };
}

async function startEngine(mirror: string | undefined, progress: Progress, made: AsyncDisposableStack): Promise<void> {
  const engine = await startLocalEngine({
    program: path.join(ROOT, 'dist/slipway'),
    socket: SOCKET,
    dataRoot: DATA_ROOT,
    stateFolder: HOME,
    mirror,
  });
  made.use(engine);
  progress.say(`start: engine ${engine.outcome}; for docker in a terminal: export DOCKER_HOST=unix://${SOCKET}`);
}

/** @returns the mirror that the engine shall ask first; undefined where the internet has the images */
async function seedImages(
  internet: boolean,
  progress: Progress,
  made: AsyncDisposableStack,
): Promise<string | undefined> {
  if (internet) return undefined;
  progress.say(
    `start: no public registry answers here: ${SAMPLE_IMAGES.join(', ')} come from here, made of Debian and npm packages`,
  );
  await installPackages(IMAGE_PACKAGES, progress);
  await bringRegistry(progress);
  await makeImages(SAMPLE_IMAGES, progress);
  const registry = await startRegistry({ storage: REGISTRY_STORAGE, readOnly: true, port: MIRROR_PORT });
  made.use(registry);
  return registry.url;
}

/** Builds, packages and installs what has changed since the last time. */
async function prepareExtension(ide: Ide, home: string, progress: Progress): Promise<void> {
  await buildAll();
  const parts = ['dist/.build', 'package.json'].map((name) => readFile(path.join(ROOT, name), 'utf8'));
  const wanted = createHash('sha256')
    .update((await Promise.all(parts)).join('\0'))
    .digest('hex');
  const stamp = path.join(home, 'extension-build');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  await progress.step('Slipway extension', 'about five seconds', async () => {
    await runProgram(process.execPath, [path.join(ROOT, 'tools/package.ts')], { cwd: ROOT });
    await installExtension(ide, home, path.join(ROOT, 'dist/slipway.vsix'));
    await writeFile(stamp, wanted);
  });
}

async function portMustBeFree(port: number): Promise<void> {
  const probe = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once('error', resolve);
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
  if (error === undefined) return;
  if (error.code !== 'EADDRINUSE') throw new Error(`Port ${port} cannot be used: ${error.message}`, { cause: error });
  throw new Error(
    `Port ${port} is taken, perhaps by another 'npm start'. Stop that one, or choose a port: npm start -- --port ${port + 1}`,
  );
}

/** Aborts with Ctrl-C (which may arrive twice: from the terminal and from npm), or when the terminal goes away. */
function toldToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

async function run(): Promise<number> {
  const started = performance.now();
  const options = parseStartOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  await using made = new AsyncDisposableStack();
  const stop = toldToStop();
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
  const starting = main(options, made, stop);
  const url = await Promise.race([starting, stopped]);
  if (url === undefined) {
    // What is being started just now must be on the stack before that is undone.
    await Promise.race([starting.catch(() => undefined), sleep(PATIENCE_MS)]);
  } else {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`start: ready in ${seconds} s; Ctrl-C stops, containers live on`);
    console.log(`Slipway is ready: ${url}`);
    await stopped;
  }
  console.log('\nstart: stopping');
  return 0;
}

try {
  process.exit(await run());
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
