/**
 * The images that tests and the sample use where no public registry can be reached: real root file systems from Debian
 * packages and npm, under the names that Dockerfiles use.
 */
import { fillBusybox } from './busybox.ts';
import { fillDebian } from './debian.ts';
import { fillNode } from './node.ts';
import type { Step } from '../../setup/progress.ts';

/** The configuration of an image as in the OCI image specification, `config` only. */
export interface RecipeConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
}

export interface Recipe {
  /** Stable; part of the cache key. */
  readonly id: string;
  /** Counts up when the recipe's code changes. */
  readonly edition: number;
  /** `repository:tag`, without registry. */
  readonly names: readonly string[];
  /** The recipe whose layers lie below. */
  readonly base?: string;
  readonly config: RecipeConfig;
  /**
   * Writes this image's own layer into an empty directory.
   * @param readBase reads a file of the layer below
   */
  fill(root: string, step: Step, readBase: (file: string) => Promise<string>): Promise<void>;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function nodeRecipe(version: string, npm: string, names: readonly string[]): Recipe {
  const [major] = version.split('.');
  const tags = names.flatMap((name) => [name, `${name}-slim`, `${name}-bookworm-slim`, `${name}-bookworm`]);
  return {
    id: `node-${major}`,
    edition: 1,
    names: [...new Set(tags)].map((tag) => `node:${tag}`),
    base: 'debian-12',
    config: {
      // The image's CA bundle is the one of the machine it was made on; Node looks only at its own without this.
      Env: [PATH, `NODE_VERSION=${version}`, 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['node'],
    },
    fill: (root, step, readBase) => fillNode(root, { version, npm }, step, readBase),
  };
}

export const RECIPES: readonly Recipe[] = [
  {
    id: 'busybox',
    edition: 1,
    names: ['busybox:latest', 'busybox:1.35', 'busybox:stable'],
    config: { Env: [PATH], Cmd: ['sh'] },
    fill: fillBusybox,
  },
  {
    id: 'debian-12',
    edition: 1,
    names: ['bookworm-slim', '12-slim', 'bookworm', '12', 'stable-slim', 'latest'].map((tag) => `debian:${tag}`),
    config: { Env: [PATH], Cmd: ['bash'] },
    fill: fillDebian,
  },
  nodeRecipe('20.20.2', '10.8.2', ['20']),
  nodeRecipe('22.23.3', '10.9.9', ['22']),
  nodeRecipe('24.21.0', '11.19.1', ['24', 'lts']),
];
