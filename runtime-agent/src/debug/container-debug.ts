/** What debuggers and port tunnels need of running containers. */
import type { Socket } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type {
  ContainerProcess,
  ListeningPort,
  NodeDebugChoice,
  NodeDebugTarget,
  PathMount,
} from '#model/slipway-api/debug.ts';
import type { Host } from '../host/host.ts';
import { containerProcesses, socketsOf } from './container-processes.ts';
import { listeningSockets, reachableAddress } from './listening-sockets.ts';
import { chainOf, nodeApps } from './node-app.ts';
import { openInspector } from './node-inspector.ts';
import type { Relay } from './relay.ts';

export interface RunningContainer {
  readonly id: string;
  /** Of the container's first process, on the host. */
  readonly pid: number;
  readonly mounts: readonly PathMount[];
}

export interface ContainerDebugDeps {
  /** By name, id or unambiguous prefix. Throws 'not-found', or 'conflict' when it is not running. */
  readonly running: (nameOrId: string) => RunningContainer | Promise<RunningContainer>;
  readonly relay: Relay;
  readonly host: Pick<Host, 'kill'>;
}

export interface ContainerDebug {
  ports(nameOrId: string): Promise<ListeningPort[]>;
  processes(nameOrId: string): Promise<ContainerProcess[]>;
  /** Connects to a TCP port inside. Without a host: wherever something listens on that port. */
  connect(nameOrId: string, port: number, host?: string): Promise<Socket>;
  /** Makes a Node process ready for a debugger. Several that could be meant come back as the choice. */
  debugNode(nameOrId: string, pid: number | undefined, signal: AbortSignal): Promise<NodeDebugTarget | NodeDebugChoice>;
}

export function createContainerDebug({ running, relay, host }: ContainerDebugDeps): ContainerDebug {
  const processes = async (nameOrId: string): Promise<ContainerProcess[]> =>
    await containerProcesses((await running(nameOrId)).pid);
  return {
    processes,
    async ports(nameOrId) {
      const { pid } = await running(nameOrId);
      const [sockets, all] = await Promise.all([listeningSockets(`/proc/${pid}`), containerProcesses(pid)]);
      const holders = await Promise.all(all.map(async (one) => ({ one, held: await socketsOf(one.hostPid) })));
      return sockets
        .map(({ address, port, inode }) => {
          const holder = holders.find(({ held }) => held.has(inode))?.one;
          return { port, address, ...(holder === undefined ? {} : { pid: holder.pid, argv: holder.argv }) };
        })
        .sort((a, b) => a.port - b.port);
    },
    async connect(nameOrId, port, wanted) {
      const { pid } = await running(nameOrId);
      const sockets = await listeningSockets(`/proc/${pid}`);
      const address = (wanted === 'localhost' ? undefined : wanted) ?? reachableAddress(sockets, port);
      if (address !== undefined) return await relay.dial(pid, address, port);
      const others = [...new Set(sockets.map((socket) => socket.port))].sort((a, b) => a - b);
      const hint = others.length === 0 ? 'nothing listens there at all' : `listening are: ${others.join(', ')}`;
      throw new EngineError('unavailable', `nothing listens on port ${port} in the container (${hint})`);
    },
    async debugNode(nameOrId, wanted, signal) {
      const container = await running(nameOrId);
      const all = await containerProcesses(container.pid);
      const picked = pickNode(all, wanted);
      if ('candidates' in picked) return picked;
      const { id } = container;
      const dial = async (address: string, port: number): Promise<Socket> => {
        const now = await running(id);
        return await relay.dial(now.pid, address, port);
      };
      const { address, port } = await openInspector(picked, { host, dial }, signal);
      const { pid, cwd, argv } = picked;
      return { pid, host: address, port, cwd, argv, chain: chainOf(picked, all), mounts: container.mounts };
    },
  };
}

function pickNode(all: readonly ContainerProcess[], wanted: number | undefined): ContainerProcess | NodeDebugChoice {
  if (wanted !== undefined) {
    const named = all.find((one) => one.pid === wanted);
    if (named?.runtime === 'node') return named;
    const text = named === undefined ? 'there is no such process' : `it is ${named.argv[0] ?? '?'}, not Node.js`;
    throw new EngineError('not-found', `cannot debug process ${wanted} in the container: ${text}`);
  }
  const apps = nodeApps(all);
  const [only, ...others] = apps;
  if (only !== undefined) return others.length === 0 ? only : { candidates: apps };
  const launchers = all.filter((one) => one.launcher === true && one.tooling !== true);
  if (launchers[0] !== undefined) {
    const text = `only ${chainOf(launchers[0], all)} runs: the app itself is being restarted, or it ended with an error (see the container's logs)`;
    throw new EngineError('not-found', `no Node.js app to debug in the container: ${text}`);
  }
  const seen = [...new Set(all.map((one) => one.runtime).filter((runtime) => runtime !== undefined))];
  const hint = seen.length === 0 ? '' : ` (found: ${seen.join(', ')})`;
  throw new EngineError('not-found', `no Node.js process runs in the container${hint}`);
}
