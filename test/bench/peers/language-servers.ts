/** The language server of this repository, and those of others from the npm registry, installed beside our other caches. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachePath, makeOnce } from '../../../tools/setup/cache.ts';
import { runProgram } from '../../../tools/setup/run-program.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export const PEER_PACKAGES = { 'dockerfile-language-server-nodejs': '0.15.0', dclint: '3.1.0' } as const;

export interface LanguagePeer {
  readonly name: string;
  /** Path of the server, for Node; undefined for a tool that is no server. */
  readonly server: string | undefined;
  /** Arguments for Node that check a Compose file, whose path follows; undefined for a tool that checks none. */
  readonly lintCompose: readonly string[] | undefined;
}

/** @returns Slipway first; it must be built */
export async function languagePeers(): Promise<readonly LanguagePeer[]> {
  const modules = await installPeers();
  return [
    {
      name: 'slipway',
      server: path.join(root, 'dist/server/main.cjs'),
      lintCompose: [path.join(root, 'dist/slipway'), 'lint'],
    },
    {
      name: 'docker-langserver',
      server: path.join(modules, 'dockerfile-language-server-nodejs/bin/docker-langserver'),
      lintCompose: undefined,
    },
    { name: 'dclint', server: undefined, lintCompose: [path.join(modules, 'dclint/bin/dclint.cjs')] },
  ];
}

async function installPeers(): Promise<string> {
  const versions = Object.entries(PEER_PACKAGES).map(([name, version]) => `${name}@${version}`);
  const folder = cachePath('bench', versions.join('+'));
  await makeOnce(folder, async (directory) => {
    await writeFile(path.join(directory, 'package.json'), '{ "private": true }\n');
    await runProgram('npm', [
      'install',
      '--prefix',
      directory,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      ...versions,
    ]);
  });
  return path.join(folder, 'node_modules');
}
