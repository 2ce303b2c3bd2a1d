/** What of this machine matters to a reader of the numbers; nothing that names it. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

function distribution(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'Linux';
}

function cgroups(): string {
  const mounts = readFileSync('/proc/mounts', 'utf8');
  const version1 = / cgroup /.test(mounts);
  if (!/ cgroup2 /.test(mounts)) return 'cgroup v1';
  return version1 ? 'cgroup v1 and v2 (hybrid)' : 'cgroup v2';
}

/** Linux x.y of the release string: what follows may name a host's build. */
const kernel = (): string => /^\d+\.\d+/.exec(release())?.[0] ?? release();

export function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model.trim() ?? process.arch}, ${memory} GB, ${distribution()}, Linux ${kernel()}, ${cgroups()}`;
}

/** Load average of the last minute. */
export const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
