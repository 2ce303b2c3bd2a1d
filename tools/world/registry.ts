/** A real registry (Debian's docker-registry, unpacked and not installed) on a loopback port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachePath, exists, makeOnce } from '../setup/cache.ts';
import { unpackDebianPackage } from '../setup/host-packages.ts';
import type { Progress } from '../setup/progress.ts';
import { findProgram } from '../setup/run-program.ts';
import { atExit } from './at-exit.ts';
import { type Listener, listenerOn } from './listener-on.ts';

/** Where the made images lie as a registry stores them. */
export const REGISTRY_STORAGE = cachePath('registry');

const DIRECTORY = cachePath('docker-registry');
const UNPACKED = path.join(DIRECTORY, 'usr/bin/docker-registry');
const START_MS = 10_000;
/** What the program says once it is ready. */
const LISTENING = 'listening on';
const TAKEN = 'address already in use';

export interface Registry extends AsyncDisposable {
  readonly host: string;
  readonly url: string;
}

export interface RegistryOptions {
  /** Keeps what is pushed; default: a temporary directory that goes with the registry. */
  readonly storage?: string;
  readonly readOnly?: boolean;
  /** Default: loopback. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** In the network namespace of that name, where only its processes reach it; the port is then to be given. */
  readonly namespace?: string;
  /** An htpasswd(5) file with bcrypt entries: with it the registry asks for a password. */
  readonly htpasswd?: string;
}

export async function bringRegistry(progress: Progress): Promise<void> {
  if (findProgram('docker-registry') !== undefined || (await exists(UNPACKED))) return;
  await progress.step('registry program (from a Debian package, not installed)', 'about two seconds', (step) =>
    makeOnce(DIRECTORY, (directory) => unpackDebianPackage(['docker-registry'], directory, step)),
  );
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-registry-'));
  const port = options.port ?? (await freePort());
  const host = `${options.address ?? '127.0.0.1'}:${port}`;
  const configuration = path.join(directory, 'config.json'); // JSON is YAML
  await writeFile(configuration, JSON.stringify(settings(host, options, path.join(directory, 'storage'))));
  try {
    const stopProgram = await serve(configuration, host, options.namespace);
    return {
      host,
      url: `http://${host}`,
      async [Symbol.asyncDispose]() {
        await stopProgram();
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Starts the program, again while the port is still an ending one's. @returns what ends it */
async function serve(configuration: string, host: string, namespace: string | undefined): Promise<() => Promise<void>> {
  const program = findProgram('docker-registry') ?? UNPACKED;
  const within = namespace === undefined ? [] : [`--net=/run/netns/${namespace}`, program];
  const deadline = Date.now() + START_MS;
  let wasTaken = false;
  for (;;) {
    const child = spawn(namespace === undefined ? program : 'nsenter', [...within, 'serve', configuration], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    const exited = once(child, 'exit').catch(() => undefined);
    const forget = atExit(() => child.kill('SIGKILL'));
    const isAlive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    const stop = async (): Promise<void> => {
      forget();
      if (isAlive()) child.kill();
      if (child.pid !== undefined) await exited;
    };
    // What it says itself: on its port another one may answer.
    while (isAlive() && !said.includes(LISTENING) && Date.now() < deadline) await sleep(20);
    if (isAlive() && said.includes(LISTENING)) return stop;
    await stop();
    const isLate = Date.now() > deadline;
    if (!said.includes(TAKEN) && !(isLate && wasTaken)) {
      throw new Error(`docker-registry did not start on ${host}:\n${said}`);
    }
    wasTaken = true;
    const port = Number(host.replace(/.*:/, ''));
    const by = await listenerOn(port);
    // One of our kind may just be ending.
    if (isLate || (by !== undefined && by.program !== path.basename(program))) throw taken(port, by);
    await sleep(200);
  }
}

function taken(port: number, by: Listener | undefined): Error {
  const who = by === undefined ? 'another program' : `${by.program} (process ${by.pid})`;
  return new Error(
    `Port ${port}, which the registry of Slipway's images needs, is taken by ${who}: stop that first. Another 'npm start' takes it, too.`,
  );
}

function settings(host: string, options: RegistryOptions, temporary: string): object {
  const auth = options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: options.htpasswd } } };
  return {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: options.storage ?? temporary },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: options.readOnly ?? false } },
    },
    http: { addr: host },
    ...auth,
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on the loopback interface');
  return address.port;
}
