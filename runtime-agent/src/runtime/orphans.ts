/**
 * What an engine that was killed had just started: shims and runtimes that are still making a container of which nobody
 * knows. Left alone they would come in the way of the next start of that container, or finish it for nobody.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';

const SIGKILL = 9;
const POLL_MS = 10;
const PATIENCE_MS = 5000;

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Whether the path is the same directory for that process: an engine with a /run of its own has one of the same name. */
function isSame(pid: string, directory: string): boolean {
  const ours = statSync(directory, { throwIfNoEntry: false });
  try {
    const theirs = statSync(`/proc/${pid}/root${directory}`);
    return theirs.dev === ours?.dev && theirs.ino === ours.ino;
  } catch {
    return ours === undefined; // it is gone, as is the directory
  }
}

/** pids of processes that work on a bundle of this directory that is not among the live ones. Execs are no containers. */
function orphans(bundles: string, live: ReadonlySet<string>): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const line = commandLine(pid);
      // Shims and runtimes name their bundle so; whoever else reads a file there is let be.
      const at = line.search(/--bundle[= ]/) + '--bundle='.length;
      if (!line.startsWith(`${bundles}/`, at) || Number(pid) === process.pid) return false;
      const name = line.slice(at + bundles.length + 1).split(/[/ ]/)[0] ?? '';
      return !live.has(name) && !name.startsWith('exec-') && isSame(pid, bundles);
    })
    .map(Number);
}

/** Kills them and waits until they are gone. @param bundles absolute path, which their command lines hold */
export async function killOrphans(host: Host, bundles: string, live: ReadonlySet<string>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let found = orphans(bundles, live); found.length > 0; found = orphans(bundles, live)) {
    for (const pid of found) host.kill(pid, SIGKILL);
    if (Date.now() > deadline) return;
    await sleep(POLL_MS);
  }
}
