/** Answers what a running build asks: secrets, SSH agents, named contexts, and where its outputs go. */
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { readIgnoreFile } from '../../build/context/read-ignore-file.ts';
import type { Host } from '../../host/host.ts';
import { readFields } from './build-options.ts';
import { contextArchive } from './context-archive.ts';
import { openCacheFile, takeCache } from './cache-folder.ts';
import type { EngineClient } from './engine-client.ts';
import type { ClientOutput } from './outputs.ts';

/** As it comes in the build's answer stream. */
export interface BuildCall {
  readonly call: string;
  readonly kind: string;
  readonly name: string;
}

export interface ClientSide {
  /** Values by id, read when they are asked for. */
  readonly secrets: ReadonlyMap<string, () => Buffer>;
  /** Sockets by id. */
  readonly agents: ReadonlyMap<string, string>;
  /** Folders by name. */
  readonly contexts: ReadonlyMap<string, string>;
  /** Folders with OCI layouts, by name: caches and images. */
  readonly layouts: ReadonlyMap<string, string>;
  /** By their place in the list. */
  readonly outputs: readonly ClientOutput[];
  readonly stdout: Writable;
  readonly host: Host;
}

export async function answerCall({ call, kind, name }: BuildCall, client: EngineClient, side: ClientSide) {
  const address = `/slipway/v1/build/calls/${call}`;
  try {
    switch (kind) {
      case 'secret':
        (await client.post(address, (side.secrets.get(name) ?? missing(kind, name))())).resume();
        return;
      case 'context':
        (await client.post(address, folderArchive(side.contexts.get(name) ?? missing(kind, name)))).resume();
        return;
      case 'file':
        (await client.post(address, openCacheFile(side.layouts, name))).resume();
        return;
      case 'agent': {
        const local = connect({ path: side.agents.get(name) ?? missing(kind, name), allowHalfOpen: true });
        await once(local, 'connect');
        const remote = await client.upgrade(address);
        // However it ends, that is no trouble of the build's: who asked the agent says so there.
        await Promise.allSettled([pipeline(local, remote), pipeline(remote, local)]);
        return;
      }
      case 'output': {
        const cache = side.layouts.get(name);
        if (cache !== undefined) {
          const answer = await client.post(address);
          await takeCache(cache, () => unpack(answer, cache, side.host));
          return;
        }
        await takeOutput(await client.post(address), side.outputs[Number(name)] ?? missing(kind, name), side);
        return;
      }
      default:
        throw new EngineError('internal', `the engine asks for a ${kind}: update slipway here`);
    }
  } catch (error) {
    if (kind !== 'output') {
      const answer = client.post(`${address}?error=${encodeURIComponent(messageOf(error))}`);
      await answer.then((response) => response.resume()).catch(() => {});
    }
    throw error;
  }
}

function missing(kind: string, name: string): never {
  throw new EngineError('not-found', `the engine asks for the ${kind} ${name}, which was not given`);
}

function folderArchive(folder: string): Readable {
  const file = path.join(folder, '.dockerignore');
  const ignore = readIgnoreFile(existsSync(file) ? readFileSync(file, 'utf8') : '');
  return Readable.from(contextArchive({ folder, ignore, always: [], extra: [] }), { objectMode: false });
}

async function takeOutput(content: Readable, output: ClientOutput, { host, stdout }: ClientSide): Promise<void> {
  const { destination } = output;
  if (!output.unpack) {
    if (destination === '-') return pipeline(content, stdout, { end: false });
    mkdirSync(path.dirname(path.resolve(destination)), { recursive: true });
    return pipeline(content, createWriteStream(destination));
  }
  await unpack(content, destination, host);
}

async function unpack(content: Readable, destination: string, host: Host): Promise<void> {
  mkdirSync(destination, { recursive: true });
  const child = host.spawn('tar', ['--extract', '--no-same-owner', `--directory=${destination}`], {
    stdin: 'pipe',
    stderr: 2,
  });
  if (child.stdin === null) throw new EngineError('internal', 'tar has no input');
  await pipeline(content, child.stdin);
  if ((await child.exited) !== 0) throw new EngineError('invalid', `tar could not unpack into ${destination}`);
}

/** `id=ID[,src=FILE|,env=NAME]`; an id alone is a variable of that name, or a file. Throws EngineError('invalid'). */
export function readSecret(text: string, environment: NodeJS.ProcessEnv): [id: string, read: () => Buffer] {
  const { id, src, source = src, env, type } = readFields('--secret', text);
  if (id === undefined || id === '') throw new EngineError('invalid', `--secret ${text}: id is required`);
  const variable = env ?? (source === undefined && type !== 'file' && environment[id] !== undefined ? id : undefined);
  if (variable !== undefined) {
    const value = environment[variable];
    if (value === undefined) throw new EngineError('invalid', `--secret ${text}: the variable ${variable} is not set`);
    return [id, () => Buffer.from(value)];
  }
  const file = source ?? id;
  if (!existsSync(file)) throw new EngineError('invalid', `--secret ${text}: there is no file ${file}`);
  if (statSync(file).size > 500 * 1024) throw new EngineError('invalid', `--secret ${text}: larger than 500 KB`);
  return [id, () => readFileSync(file)];
}

/** `default`, `ID` or `ID=SOCKET`. Throws EngineError('invalid'). */
export function readAgent(text: string, environment: NodeJS.ProcessEnv): [id: string, socket: string] {
  const equals = text.indexOf('=');
  const id = equals === -1 ? text : text.slice(0, equals);
  const socket = equals === -1 ? environment['SSH_AUTH_SOCK'] : text.slice(equals + 1);
  if (socket === undefined || !existsSync(socket)) {
    const advice = 'start one (eval $(ssh-agent); ssh-add), or give its socket: --ssh ID=SOCKET';
    throw new EngineError('invalid', `--ssh ${text}: there is no SSH agent: ${advice}`);
  }
  if (!statSync(socket).isSocket())
    throw new EngineError('invalid', `--ssh ${text}: ${socket} is no agent's socket (keys go into an agent: ssh-add)`);
  return [id, socket];
}
