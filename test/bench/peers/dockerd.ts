import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findProgram } from '../../../tools/setup/run-program.ts';
import type { EnginePeer } from './engine-peer.ts';
import { startPeer } from './peer-process.ts';

/** `$DOCKER` names the command line of an unpacked Docker, with its daemon beside it; otherwise the installed one. */
function findDockerd(): string {
  const beside = path.join(path.dirname(process.env['DOCKER'] ?? ''), 'dockerd');
  const found = path.isAbsolute(beside) && existsSync(beside) ? beside : findProgram('dockerd');
  if (found !== undefined) return found;
  throw new Error('not installed: install docker.io, or let $DOCKER name the docker program of an unpacked one');
}

export async function startDockerd(): Promise<EnginePeer> {
  const program = findDockerd();
  const peer = await startPeer({
    name: 'docker',
    program,
    folder: path.dirname(program),
    async prepare(directory) {
      await writeFile(path.join(directory, 'daemon.json'), '{}');
      return {};
    },
    args: (directory, socket) => [
      `--host=unix://${socket}`,
      `--data-root=${directory}/data`,
      `--exec-root=${directory}/exec`,
      `--pidfile=${directory}/pid`,
      `--config-file=${directory}/daemon.json`,
      '--storage-driver=overlay2',
      // As Slipway: containers live on when the daemon is killed.
      '--live-restore',
    ],
  });
  interface Version {
    readonly Version: string;
    readonly Components: readonly { readonly Name: string; readonly Version: string }[];
  }
  const { Version, Components } = await peer.api.call<Version>('GET', '/version');
  const parts = Components.filter(({ Name }) => ['containerd', 'runc'].includes(Name));
  return {
    ...peer,
    name: `dockerd ${Version.split('.').slice(0, 2).join('.')}`,
    version: [`dockerd ${Version}`, ...parts.map((part) => `${part.Name} ${part.Version}`)].join(', '),
    mark: peer.directory,
    namespace: path.basename(peer.directory),
  };
}
