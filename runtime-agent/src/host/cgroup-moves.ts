/**
 * Makes the kernel ready for a process that is about to be moved into a cgroup. Whoever writes to a `cgroup.procs` takes a
 * lock of which there is one for the whole machine (`cgroup_threadgroup_rwsem`), and waits for an RCU grace period, some
 * 10 ms on a machine with little to do, unless somebody has taken it a moment ago. So the engine takes it a moment before
 * the OCI runtime does, while that gets going. See docs/decisions/0020-cgroup-lock-taken-early.md.
 */
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CgroupMoves {
  /** A process will be moved into a cgroup very soon. Waits for nothing and cannot fail. */
  expect(): void;
}

/** For how long a move is expected: an OCI runtime comes to it 10 to 20 ms after it was started. */
const EXPECTED_MS = 40;
/** Less than a grace period, after which the kernel forgets. */
const PAUSE_MS = 4;

/**
 * `cgroup.procs` of the cgroup in which this process is, in whatever hierarchy; undefined when none can be seen.
 * @param memberships as in /proc/self/cgroup
 */
export function ownCgroupProcs(memberships = ownMemberships(), root = '/sys/fs/cgroup'): string | undefined {
  for (const line of memberships.split('\n')) {
    const [, controllers = '', cgroup = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (cgroup === '') continue;
    const hierarchies = controllers === '' ? ['unified', '.'] : [controllers.replace(/^name=/, '')];
    const files = hierarchies.map((hierarchy) => path.join(root, hierarchy, cgroup, 'cgroup.procs'));
    const found = files.find((file) => existsSync(file));
    if (found !== undefined) return found;
  }
  return undefined;
}

function ownMemberships(): string {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return '';
  }
}

/** @param find gives `cgroup.procs` of the cgroup in which this process is; without one, nothing is done */
export function createCgroupMoves(find: () => string | undefined = ownCgroupProcs): CgroupMoves {
  let until = 0;
  let able = true;
  let busy = false;
  async function takeAgainAndAgain(): Promise<void> {
    const file = find();
    if (file === undefined) throw new Error('no cgroup');
    await using procs = await open(file, 'r+');
    do {
      // This process, to where it is already: nothing is wanted but the lock.
      await procs.write('0');
      await sleep(PAUSE_MS, undefined, { ref: false });
    } while (performance.now() < until);
  }
  return {
    expect() {
      until = performance.now() + EXPECTED_MS;
      if (busy || !able) return;
      busy = true;
      takeAgainAndAgain()
        .catch(() => (able = false)) // as things are here: it is not tried again
        .finally(() => (busy = false));
    },
  };
}
