/** The processes of a running container with their runtimes, from /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { ContainerProcess, Runtime } from '#model/slipway-api/debug.ts';
import { isGoBinary } from './go-binary.ts';
import { isLauncher } from './node-app.ts';
import { mappedLibraries, runtimeByName, runtimeOf } from './runtime-of.ts';

/** Where the client mounts its editor server and that server's Node: not the user's programs. */
const TOOLING = '/opt/slipway/';

/**
 * Everything in the container's pid namespace; when it shares the host's, everything in its cgroup.
 * @param init the host pid of the container's first process  @param proc the proc file system, for tests
 */
export async function containerProcesses(init: number, proc = '/proc'): Promise<ContainerProcess[]> {
  const belongs = await membership(init, proc);
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await belongs(pid)) ? await readProcess(Number(pid), proc) : undefined)),
  );
  const processes = found.filter((one) => one !== undefined);
  const inside = new Map(processes.map(({ process }) => [process.hostPid, process.pid]));
  return processes
    .map(({ process, hostParent }) => ({ ...process, parent: inside.get(hostParent) ?? 0 }))
    .sort((a, b) => a.pid - b.pid);
}

async function membership(init: number, proc: string): Promise<(pid: string) => Promise<boolean>> {
  const namespaceOf = async (pid: string): Promise<string | undefined> =>
    await readlink(`${proc}/${pid}/ns/pid`).catch(() => undefined);
  const ours = await namespaceOf(String(init));
  if (ours !== (await namespaceOf('self')))
    return async (pid) => ours !== undefined && (await namespaceOf(pid)) === ours;
  const groupsOf = async (pid: string): Promise<string> =>
    await readFile(`${proc}/${pid}/cgroup`, 'utf8').catch(() => '');
  const groups = await groupsOf(String(init));
  return async (pid) => groups !== '' && (await groupsOf(pid)) === groups;
}

interface ReadProcess {
  readonly process: ContainerProcess;
  readonly hostParent: number;
}

async function readProcess(hostPid: number, proc: string): Promise<ReadProcess | undefined> {
  const at = `${proc}/${hostPid}`;
  try {
    const status = await readFile(`${at}/status`, 'utf8');
    if (/^State:\s+[ZX]/m.test(status)) return undefined;
    const [cmdline, cwd, exe] = await Promise.all([
      readFile(`${at}/cmdline`, 'utf8'),
      readlink(`${at}/cwd`),
      readlink(`${at}/exe`),
    ]);
    const argv = cmdline.replace(/\0+$/, '').split('\0');
    const tooling = exe.startsWith(TOOLING);
    const runtime = await detect(at, exe, argv);
    const launcher = runtime === 'node' && isLauncher(argv);
    const process: ContainerProcess = {
      pid: Number(/^NSpid:.*?(\d+)\s*$/m.exec(status)?.[1] ?? hostPid),
      parent: 0,
      hostPid,
      argv,
      cwd,
      exe,
      ...(runtime === undefined ? {} : { runtime }),
      ...(launcher ? { launcher } : {}),
      ...(tooling ? { tooling } : {}),
    };
    return { process, hostParent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0) };
  } catch {
    return undefined; // ended meanwhile, or a kernel thread
  }
}

async function detect(at: string, exe: string, argv: readonly string[]): Promise<Runtime | undefined> {
  const named = runtimeByName({ exe, argv });
  if (named !== undefined) return named;
  const libraries = mappedLibraries(await readFile(`${at}/maps`, 'utf8').catch(() => ''));
  return runtimeOf({ exe, argv, libraries, goBinary: await isGoBinary(`${at}/exe`) });
}

/** Inodes of the sockets that a process holds. */
export async function socketsOf(hostPid: number, proc = '/proc'): Promise<Set<string>> {
  const folder = `${proc}/${hostPid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map(async (name) => await readlink(`${folder}/${name}`).catch(() => '')));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}
