/** What an engine has left on the host, found by the path of its directory; it is removed and told. */
import { readdir, readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 2000;

/** @returns one line per process or mount that was still there after a short grace */
export async function removeLeftovers(directory: string): Promise<readonly string[]> {
  const deadline = Date.now() + GRACE_MS;
  let processes = await processesOf(directory);
  while (processes.length > 0 && Date.now() < deadline) {
    await sleep(50);
    processes = await processesOf(directory);
  }
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  const mounts = await mountsBelow(directory);
  // The innermost first: each may lie on the one before.
  for (const target of mounts.toReversed()) execFileSync('umount', ['--lazy', target]);
  return [...processes.map(({ pid, command }) => `process ${pid}: ${command}`), ...mounts.map((m) => `mount ${m}`)];
}

async function processesOf(directory: string): Promise<{ readonly pid: number; readonly command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
      return { pid: Number(pid), command };
    }),
  );
  return found.filter(({ command }) => command.includes(`${directory}/`));
}

async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const targets = lines.map((line) => line.split(' ')[4] ?? '');
  return targets.filter((target) => target.startsWith(`${directory}/`));
}
