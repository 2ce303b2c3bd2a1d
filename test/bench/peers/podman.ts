import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findProgram } from '../../../tools/setup/run-program.ts';
import { BENCH_REGISTRY_PORT } from '../pull-image.ts';
import type { EnginePeer } from './engine-peer.ts';
import { startPeer } from './peer-process.ts';

/** Podman's own default limits are above those of some machines, where then no container starts. */
async function writeSettings(directory: string): Promise<NodeJS.ProcessEnv> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const hard = (name: string): string => new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(limits)?.[1] ?? '-1';
  const [files, processes] = [hard('Max open files'), hard('Max processes')];
  const settings = path.join(directory, 'containers.conf');
  const ulimits = [`nofile=${files}:${files}`, `nproc=${processes}:${processes}`];
  await writeFile(settings, `[containers]\ndefault_ulimits = ${JSON.stringify(ulimits)}\n`);
  const registries = path.join(directory, 'registries.conf');
  await writeFile(registries, `[[registry]]\nlocation = "127.0.0.1:${BENCH_REGISTRY_PORT}"\ninsecure = true\n`);
  return { CONTAINERS_CONF: settings, CONTAINERS_REGISTRIES_CONF: registries };
}

export async function startPodman(): Promise<EnginePeer> {
  const program = findProgram('podman');
  if (program === undefined) throw new Error('not installed: install podman');
  const peer = await startPeer({
    name: 'podman',
    program,
    prepare: writeSettings,
    args: (directory, socket) => [
      `--root=${directory}/data`,
      `--runroot=${directory}/exec`,
      `--tmpdir=${directory}/tmp`,
      `--network-config-dir=${directory}/networks`,
      '--storage-driver=overlay',
      '--cgroup-manager=cgroupfs',
      '--events-backend=file',
      '--runtime=runc',
      'system',
      'service',
      '--time=0',
      `unix://${socket}`,
    ],
  });
  const { Version } = await peer.api.call<{ Version: string }>('GET', '/version');
  // The service holds nothing: what it starts lives on without it, and a new one answers at once.
  return {
    ...peer,
    name: `podman ${Version.split('.').slice(0, 2).join('.')}`,
    version: `podman ${Version}`,
    mark: peer.directory,
    namespace: path.basename(peer.directory),
  };
}
