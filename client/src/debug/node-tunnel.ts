/** A local port that always leads to the inspector of a container's Node app, also after the app was restarted. */
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerProcess, NodeDebugChoice, NodeDebugTarget } from '#model/slipway-api/debug.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { type LocalTunnel, openTunnel } from '../tunnel/local-tunnel.ts';

export interface NodeTunnel extends LocalTunnel {
  readonly target: NodeDebugTarget;
}

export interface NodeTunnelDeps {
  /** Asked anew for every call: the host may have been reconnected meanwhile. */
  readonly connection: () => EngineConnection;
  /** undefined: the person picked none. */
  readonly pick: (candidates: readonly ContainerProcess[]) => Promise<ContainerProcess | undefined>;
  readonly log: (line: string) => void;
  /** The container has stopped or is gone: there is nothing to wait for any more. */
  readonly onGone: () => void;
}

/** A debugger opens several connections in a row: they need not each look for the process. */
const FRESH_MS = 1000;

/** undefined: the person picked no process. Throws EngineErrors that say what is wrong. */
export async function openNodeTunnel(
  deps: NodeTunnelDeps,
  container: string,
  signal: AbortSignal,
): Promise<NodeTunnel | undefined> {
  const first = await firstTarget(deps, container, signal);
  if (first === undefined) return undefined;
  let current = first;
  let checkedAt = Date.now();
  const dial = async (dialSignal?: AbortSignal): Promise<Duplex> => {
    if (Date.now() - checkedAt > FRESH_MS) {
      const found = await sameApp(deps, container, current, dialSignal);
      // A debugger opens several connections at once.
      if (found.pid !== current.pid) deps.log(`The app was restarted (process ${found.pid}): attaching again.`);
      current = found;
      checkedAt = Date.now();
    }
    try {
      return await relayTo(deps, container, current, dialSignal);
    } catch (error) {
      checkedAt = 0;
      throw error;
    }
  };
  const watched = async (dialSignal?: AbortSignal): Promise<Duplex> => {
    try {
      return await dial(dialSignal);
    } catch (error) {
      if (error instanceof EngineError && (await isGone(deps, container))) deps.onGone();
      throw error;
    }
  };
  const tunnel = await openTunnel({ dial: watched, onError: (message) => deps.log(message) });
  return { ...tunnel, target: first };
}

async function firstTarget(
  deps: NodeTunnelDeps,
  container: string,
  signal: AbortSignal,
): Promise<NodeDebugTarget | undefined> {
  const answer = await debugNode(deps, container, undefined, signal);
  if ('port' in answer) return answer;
  const picked = await deps.pick(answer.candidates);
  if (picked === undefined) return undefined;
  const target = await debugNode(deps, container, picked.pid, signal);
  if ('port' in target) return target;
  throw new EngineError('internal', 'The engine did not take the process that was picked.');
}

/** After a restart the app has another pid: the process with the same command line is the same app. */
async function sameApp(
  deps: NodeTunnelDeps,
  container: string,
  before: NodeDebugTarget,
  signal: AbortSignal | undefined,
): Promise<NodeDebugTarget> {
  const answer = await debugNode(deps, container, undefined, signal);
  const line = (argv: readonly string[]): string => argv.join('\0');
  let target: NodeDebugTarget | NodeDebugChoice = answer;
  if ('candidates' in answer) {
    const { candidates } = answer;
    const same =
      candidates.find(({ pid }) => pid === before.pid) ??
      candidates.find(({ argv }) => line(argv) === line(before.argv));
    if (same === undefined)
      throw new EngineError('not-found', 'The app that was being debugged does not run any more.');
    target = await debugNode(deps, container, same.pid, signal);
  }
  if (!('port' in target)) throw new EngineError('internal', 'The engine did not take the process that was picked.');
  return target;
}

async function debugNode(
  { connection }: NodeTunnelDeps,
  container: string,
  pid: number | undefined,
  signal: AbortSignal | undefined,
): Promise<NodeDebugTarget | NodeDebugChoice> {
  return await connection().call('POST', `/slipway/v1/containers/${container}/debug/node`, {
    body: pid === undefined ? {} : { pid },
    ...(signal === undefined ? {} : { signal }),
  });
}

async function relayTo(
  { connection }: NodeTunnelDeps,
  container: string,
  { host, port }: NodeDebugTarget,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  return await connection().upgrade('POST', `/slipway/v1/containers/${container}/relay`, {
    query: { host, port },
    ...(signal === undefined ? {} : { signal }),
  });
}

async function isGone({ connection }: NodeTunnelDeps, container: string): Promise<boolean> {
  try {
    const { State } = await connection().call<{ State?: { Running?: boolean } }>(
      'GET',
      `/containers/${container}/json`,
    );
    return State?.Running !== true;
  } catch (error) {
    return error instanceof EngineError && error.code === 'not-found';
  }
}
