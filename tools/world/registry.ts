/** A real registry (Debian's docker-registry, unpacked and not installed) on a loopback port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cachePath, makeOnce } from '../setup/cache.ts';
import { unpackDebianPackage } from '../setup/host-packages.ts';
import type { Progress } from '../setup/progress.ts';
import { exists } from '../setup/cache.ts';
import { findProgram } from '../setup/run-program.ts';
import { atExit } from './at-exit.ts';

/** Where the made images lie as a registry stores them. */
export const REGISTRY_STORAGE = cachePath('registry');

const DIRECTORY = cachePath('docker-registry');
const UNPACKED = path.join(DIRECTORY, 'usr/bin/docker-registry');
const START_MS = 10_000;
/** What the program says once it is ready. */
const LISTENING = 'listening on';

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
  const { namespace } = options;
  const program = findProgram('docker-registry') ?? UNPACKED;
  const within = namespace === undefined ? [] : [`--net=/run/netns/${namespace}`, program];
  const child = spawn(namespace === undefined ? program : 'nsenter', [...within, 'serve', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const exited = once(child, 'exit').catch(() => undefined);
  const forget = atExit(() => child.kill('SIGKILL'));
  const stop = async (): Promise<void> => {
    forget();
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill();
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  const url = `http://${host}`;
  const deadline = Date.now() + START_MS;
  const isUp =
    namespace === undefined ? () => answers(`${url}/v2/`) : () => Promise.resolve(errors.includes(LISTENING));
  while (!(await isUp())) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      await stop();
      throw new Error(`docker-registry did not start on ${host}:\n${errors}`);
    }
    await sleep(20);
  }
  return { host, url, [Symbol.asyncDispose]: stop };
}

function settings(host: string, options: RegistryOptions, temporary: string): object {
  const auth = options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: options.htpasswd } } };
  return {
    version: '0.1',
    log: { level: options.namespace === undefined ? 'warn' : 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: options.storage ?? temporary },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: options.readOnly ?? false } },
    },
    http: { addr: host },
    ...auth,
  };
}

/** 401 is an answer too. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status === 200 || response.status === 401;
    },
    () => false,
  );
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
