/** Where the cgroups of a container are: one tree on v2, one per controller on v1 and hybrid. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** Controllers of v1 that show a container's processes, in the order in which they are looked for. */
const PROCESS_CONTROLLERS = ['pids', 'devices', 'memory', 'systemd'];

export interface CgroupLayout {
  /** Hybrid counts as 1: its controllers are those of v1. */
  readonly version: 1 | 2;
  readonly root: string;
}

export function cgroupLayout(root: string = ROOT): CgroupLayout {
  return { version: existsSync(path.join(root, 'cgroup.controllers')) ? 2 : 1, root };
}

/** @param cgroup path below the root of the hierarchy, such as /slipway/ID */
export function controllerPath(layout: CgroupLayout, controller: string, cgroup: string): string {
  return layout.version === 2 ? path.join(layout.root, cgroup) : path.join(layout.root, controller, cgroup);
}

async function processesBelow(directory: string): Promise<number[]> {
  const text = await readFile(path.join(directory, 'cgroup.procs'), 'utf8').catch(() => '');
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => processesBelow(path.join(directory, name)));
  return [...text.split('\n').filter(Boolean).map(Number), ...(await Promise.all(below)).flat()];
}

/** The pids of all processes in the cgroup and those below it. */
export async function cgroupProcesses(cgroup: string): Promise<number[]> {
  const layout = cgroupLayout();
  const directories = PROCESS_CONTROLLERS.map((controller) => controllerPath(layout, controller, cgroup));
  const found = directories.find((directory) => existsSync(directory));
  return found === undefined ? [] : await processesBelow(found);
}
