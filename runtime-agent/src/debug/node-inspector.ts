/** Switches the inspector of a running Node process on and says where it listens. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerProcess } from '#model/slipway-api/debug.ts';
import type { Host } from '../host/host.ts';
import { containerProcesses, socketsOf } from './container-processes.ts';
import { type ListeningSocket, listeningSockets } from './listening-sockets.ts';

export interface InspectorDeps {
  readonly host: Pick<Host, 'kill'>;
  /** Connects inside the process's network namespace. */
  readonly dial: (address: string, port: number) => Promise<Socket>;
}

export interface InspectorAddress {
  readonly address: string;
  readonly port: number;
}

const SIGUSR1 = 10;
const DEFAULT_PORT = 9229;
const PROBE_MS = 1500;
const START_MS = 5000;
const PAUSE_MS = 20;

/**
 * Throws EngineError('conflict') when the process cannot be debugged, with what to do.
 * SIGUSR1 starts the inspector (nodejs.org, "Debugging"); it would end a process that does not catch it.
 */
export async function openInspector(
  process: ContainerProcess,
  deps: InspectorDeps,
  signal: AbortSignal,
): Promise<InspectorAddress> {
  const held = await socketsHeld(process);
  const wanted = await wantedPort(process);
  const already = await findInspector(
    held.filter(({ port }) => port === wanted),
    deps,
  );
  if (already !== undefined) return already;
  await untilCatches(process, signal);
  await refuseTakenPort(process, held, wanted);
  const before = new Set(held.map(({ inode }) => inode));
  if (!deps.host.kill(process.hostPid, SIGUSR1)) throw new EngineError('conflict', `${nameOf(process)} has ended`);
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const fresh = (await socketsHeld(process)).filter(({ inode }) => !before.has(inode));
    const found = await findInspector(fresh, deps);
    if (found !== undefined) return found;
    await sleep(PAUSE_MS, undefined, { signal });
  }
  // started by the program itself, on a port of its own choice?
  const elsewhere = await findInspector(held, deps);
  if (elsewhere !== undefined) return elsewhere;
  const text = `${nameOf(process)} did not start its debugger within ${START_MS / 1000} s. Is it busy or stopped, or does it use SIGUSR1 itself? Start it with --inspect instead.`;
  throw new EngineError('conflict', text);
}

async function socketsHeld({ hostPid }: ContainerProcess): Promise<ListeningSocket[]> {
  const [all, held] = await Promise.all([listeningSockets(`/proc/${hostPid}`), socketsOf(hostPid)]);
  return all.filter(({ inode }) => held.has(inode));
}

/** Of the listeners, the one that answers as an inspector. */
async function findInspector(
  sockets: readonly ListeningSocket[],
  deps: InspectorDeps,
): Promise<InspectorAddress | undefined> {
  for (const { address, port } of sockets) {
    const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
    if (await isInspector(reachable, port, deps)) return { address: reachable, port };
  }
  return undefined;
}

/** The inspector answers /json/version with its protocol version; whatever else listens there is left in peace. */
async function isInspector(address: string, port: number, deps: InspectorDeps): Promise<boolean> {
  const socket = await deps.dial(address, port).catch(() => undefined);
  if (socket === undefined) return false;
  try {
    socket.setTimeout(PROBE_MS, () => socket.destroy());
    socket.write(`GET /json/version HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer += chunk.toString('latin1');
      if (/"Protocol-Version"/.test(answer)) return /"Browser": *"node\.js/i.test(answer);
      if (answer.length > 4096 || !answer.startsWith('HTTP/')) return false;
    }
    return false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A process that has just started catches the signal only after some milliseconds. */
async function untilCatches(process: ContainerProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PROBE_MS;
  for (;;) {
    const status = await readFile(`/proc/${process.hostPid}/status`, 'utf8').catch(() => undefined);
    if (status === undefined) throw new EngineError('conflict', `${nameOf(process)} has ended`);
    const caught = BigInt(`0x${/^SigCgt:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
    if ((caught >> BigInt(SIGUSR1 - 1)) % 2n === 1n) return;
    if (Date.now() > deadline) break;
    await sleep(PAUSE_MS, undefined, { signal });
  }
  const hint = 'it was started with --disable-sigusr1 or without inspector support: start it with --inspect instead';
  throw new EngineError('conflict', `${nameOf(process)} does not take the signal that starts its debugger (${hint})`);
}

/** Node would complain about the taken port on its own stderr only. */
async function refuseTakenPort(
  process: ContainerProcess,
  held: readonly ListeningSocket[],
  port: number,
): Promise<void> {
  const all = await listeningSockets(`/proc/${process.hostPid}`);
  const taken = all.find((socket) => socket.port === port && !held.some(({ inode }) => inode === socket.inode));
  if (taken === undefined) return;
  let owner: ContainerProcess | undefined;
  for (const other of await containerProcesses(process.hostPid)) {
    if ((await socketsOf(other.hostPid)).has(taken.inode)) owner = other;
  }
  const by = owner === undefined ? 'another program' : nameOf(owner);
  const text = `${nameOf(process)} cannot start its debugger: port ${port} in its network is taken by ${by}`;
  throw new EngineError('conflict', text);
}

/** Where the inspector listens, or SIGUSR1 makes it listen: 9229 unless the command line or NODE_OPTIONS say otherwise. */
async function wantedPort({ hostPid, argv }: ContainerProcess): Promise<number> {
  const environ = await readFile(`/proc/${hostPid}/environ`, 'utf8').catch(() => '');
  const options = /(?:^|\0)NODE_OPTIONS=([^\0]*)/.exec(environ)?.[1]?.split(/\s+/) ?? [];
  const ports = [...argv, ...options].flatMap(
    (option) => /^--(?:inspect|debug)(?:-port|-brk|-wait)?=(?:.*:)?(\d+)$/.exec(option)?.[1] ?? [],
  );
  return Number(ports[0] ?? DEFAULT_PORT);
}

function nameOf({ pid, argv }: ContainerProcess): string {
  return `process ${pid} (${argv.join(' ').trim().slice(0, 80)})`;
}
