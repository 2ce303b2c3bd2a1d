/** Settings of one engine, from the command line (and, later, a file). */
import { parseArgs } from 'node:util';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';

export interface EngineConfig {
  /** Unix socket of the API. */
  readonly socket: string;
  /** What must survive a reboot: images, containers, volumes, state. */
  readonly dataRoot: string;
  /** What must not: sockets, pid files, bundles of running containers. On a tmpfs by default. */
  readonly execRoot: string;
  /** Base URLs of mirrors of the default registry, tried in order before it. */
  readonly registryMirrors: readonly string[];
  /** host[:port] of registries reached over plain HTTP or with an unverified certificate. */
  readonly insecureRegistries: readonly string[];
}

export const DEFAULT_SOCKET = '/run/slipway/slipway.sock';
const DEFAULT_DATA_ROOT = '/var/lib/slipway';
const DEFAULT_EXEC_ROOT = '/run/slipway';

/** @param args the command line after `serve` */
export function parseServeArgs(args: readonly string[]): EngineConfig {
  const { values } = (() => {
    try {
      return parseArgs({
        args: [...args],
        options: {
          socket: { type: 'string', default: DEFAULT_SOCKET },
          'data-root': { type: 'string', default: DEFAULT_DATA_ROOT },
          'exec-root': { type: 'string' },
          'registry-mirror': { type: 'string', multiple: true, default: [] },
          'insecure-registry': { type: 'string', multiple: true, default: [] },
        },
      });
    } catch (error) {
      throw new EngineError('invalid', `${(error as Error).message}\nSee 'slipway serve --help'.`, { cause: error });
    }
  })();
  const dataRoot = path.resolve(values['data-root']);
  // Two engines with data roots of their own never meet in one exec root.
  const execDefault = dataRoot === DEFAULT_DATA_ROOT ? DEFAULT_EXEC_ROOT : path.join(dataRoot, 'exec');
  return {
    socket: path.resolve(values.socket),
    dataRoot,
    execRoot: path.resolve(values['exec-root'] ?? execDefault),
    registryMirrors: values['registry-mirror'].map((url) => mirrorUrl(url)),
    insecureRegistries: values['insecure-registry'],
  };
}

function mirrorUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new EngineError('invalid', `--registry-mirror ${text}: not an http(s) URL, such as http://127.0.0.1:5000`);
  }
  return url.href.replace(/\/$/, '');
}
