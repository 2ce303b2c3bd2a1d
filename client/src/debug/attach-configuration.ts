import { posix } from 'node:path';
import type { NodeDebugTarget } from '#model/slipway-api/debug.ts';
import type { RootPair } from './path-map.ts';
import { scriptOf } from '#model/slipway-api/node-command-line.ts';

/** What js-debug is started with (its documentation: OPTIONS.md). */
export interface AttachConfiguration {
  readonly type: 'pwa-node';
  readonly request: 'attach';
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly localRoot?: string;
  readonly remoteRoot?: string;
  readonly skipFiles: readonly string[];
  readonly resolveSourceMapLocations: readonly string[];
  readonly restart: { readonly delay: number; readonly maxAttempts: number };
  readonly autoAttachChildProcesses: boolean;
}

/** The app restarts under nodemon or `node --watch` in a second or two: the session waits for it. */
const RETRY_MS = 300;
const RETRIES = 200;

/** @param port of the local tunnel to the inspector */
export function attachConfiguration(
  container: string,
  target: Pick<NodeDebugTarget, 'argv'>,
  roots: RootPair | undefined,
  port: number,
): AttachConfiguration {
  const script = scriptOf(target.argv);
  return {
    type: 'pwa-node',
    request: 'attach',
    name: `${container}: ${script === undefined ? 'node' : posix.basename(script)}`,
    address: '127.0.0.1',
    port,
    ...roots,
    skipFiles: ['<node_internals>/**', '**/node_modules/**'],
    resolveSourceMapLocations: [
      ...(roots === undefined ? ['**'] : [`${roots.localRoot}/**`, `${roots.remoteRoot}/**`]),
      '!**/node_modules/**',
    ],
    restart: { delay: RETRY_MS, maxAttempts: RETRIES },
    autoAttachChildProcesses: false,
  };
}
