/** Where the cgroups of a container are: one tree on v2, one per controller on v1 and hybrid. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';

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
