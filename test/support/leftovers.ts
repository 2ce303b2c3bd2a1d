/** What an engine has left on the host, found by the path of its directory; it is removed and told. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineNames } from '../../runtime-agent/src/network/names.ts';

/** Temporary folders of test engines begin with this… */
export const ENGINE_FOLDER = 'slipway-e-';
/** …and name in this file the process of the test that made them. */
export const OWNER_FILE = 'owner';

const GRACE_MS = 2000;

/**
 * The default bridge and the firewall table stay when an engine ends, as its containers live on: here they are removed
 * without a word. Anything else is told.
 * @param directory holds the engine's data root, in `data`
 * @returns one line per process, mount or link that was still there after a short grace
 */
export async function removeLeftovers(directory: string, graceMs = GRACE_MS): Promise<readonly string[]> {
  const deadline = Date.now() + graceMs;
  let processes = await processesOf(directory);
  while (processes.length > 0 && Date.now() < deadline) {
    await sleep(50);
    processes = await processesOf(directory);
  }
  for (const { pid } of processes) kill(pid);
  const mounts = await mountsBelow(directory);
  // The innermost first: each may lie on the one before.
  for (const target of mounts.toReversed()) run('umount', '--lazy', target);
  const { table, defaultBridge } = engineNames(path.join(directory, 'data'));
  const links = await linksOn(defaultBridge);
  for (const link of [...links, defaultBridge]) run('ip', 'link', 'delete', link);
  run('nft', 'delete', 'table', 'inet', table);
  return [
    ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...mounts.map((target) => `mount ${target}`),
    ...links.map((link) => `link ${link} on ${defaultBridge}`),
  ];
}

/**
 * Removes engines whose test was ended before it could: one that ran out of time, or was interrupted.
 * @returns what was left of them, one line each
 */
export async function removeAbandonedEngines(): Promise<readonly string[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(ENGINE_FOLDER));
  const left: string[] = [];
  for (const directory of names.map((name) => path.join(tmpdir(), name))) {
    const owner = await readFile(path.join(directory, OWNER_FILE), 'utf8').catch(() => '');
    if (owner === '' || existsSync(`/proc/${owner}`)) continue;
    for (const line of await removeLeftovers(directory, 0)) left.push(line);
    await rm(directory, { recursive: true, force: true });
  }
  return left;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** Removing what is not there is no error. */
function run(program: string, ...args: readonly string[]): void {
  spawnSync(program, args, { stdio: 'ignore' });
}

async function processesOf(directory: string): Promise<{ readonly pid: number; readonly command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
      // A container's processes know nothing of the directory, and may have lost the conmon that does.
      const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
      return { pid: Number(pid), command, cgroups };
    }),
  );
  const containers = await readdir(path.join(directory, 'data', 'containers')).catch(() => []);
  return found.filter(
    ({ command, cgroups }) =>
      command.includes(`${directory}/`) || containers.some((id) => cgroups.includes(`/${id}\n`)),
  );
}

async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const targets = lines.map((line) => line.split(' ')[4] ?? '');
  return targets.filter((target) => target.startsWith(`${directory}/`));
}

async function linksOn(bridge: string): Promise<readonly string[]> {
  return readdir(`/sys/class/net/${bridge}/brif`).catch(() => []);
}
