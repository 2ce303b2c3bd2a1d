/** Network namespaces as bind mounts in one folder, as ip-netns(8) keeps them: they survive the engine. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../host/host.ts';

export interface Namespaces {
  /**
   * A namespace with `lo` up.
   * @param eth0 its first interface: the name of the host's side, and `ip` commands to run inside
   * @returns the bind mount
   */
  make(eth0?: { readonly veth: string; readonly commands: readonly string[] }): Promise<string>;
  /** Removes a namespace and waits until its interfaces have gone; nothing there is no error. */
  remove(file: string, veths: readonly string[]): Promise<void>;
  /** Removes all namespaces in the folder but these. */
  removeOthers(keep: ReadonlySet<string>): Promise<void>;
}

/** The kernel takes a namespace apart in the background, usually within 20 ms. */
const GONE_POLLS = 40;
const POLL_MS = 3;

/** Docker's defaults for containers: any port and ping without privileges. */
const SYSCTLS = `echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
`;

/** eth0 is born without IPv6; endpoints with an IPv6 address switch it on. A kernel without IPv6 has no such file. */
function script(enginePid: number, veth: string, commands: readonly string[]): string {
  const ipv6 = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
  const pair = `link add eth0 type veth peer name ${veth} netns ${enginePid}`;
  return `${SYSCTLS}[ ! -e ${ipv6} ] || echo 1 >${ipv6}
ip -batch - <<END || exit 1
${['link set lo up', pair, ...commands].join('\n')}
END
[ ! -e ${ipv6} ] || echo 0 >${ipv6}`;
}

export function createNamespaces({ host, folder }: { readonly host: Host; readonly folder: string }): Namespaces {
  async function discard(file: string): Promise<void> {
    await host.unmount(file);
    await rm(file, { force: true });
  }

  /** A process may still hold the namespace (or a copy of its mount): then the interface is taken from it. */
  async function gone(veth: string): Promise<void> {
    for (let poll = 0; poll < GONE_POLLS; poll++) {
      if (!(await exists(`/sys/class/net/${veth}`))) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await host.run('ip', ['link', 'delete', veth], { onFailure: 'return' });
  }

  return {
    async make(eth0) {
      await mkdir(folder, { recursive: true, mode: 0o711 });
      const file = path.join(folder, randomBytes(6).toString('hex'));
      await writeFile(file, '', { mode: 0o444, flag: 'wx' });
      const text =
        eth0 === undefined ? `${SYSCTLS}exec ip link set lo up` : script(process.pid, eth0.veth, eth0.commands);
      try {
        await host.run('unshare', [`--net=${file}`, 'sh', '-c', text]);
      } catch (error) {
        await discard(file);
        throw error;
      }
      return file;
    },
    async remove(file, veths) {
      await discard(file);
      for (const veth of veths) await gone(veth);
    },
    async removeOthers(keep) {
      const names = await readdir(folder).catch(() => []);
      const files = names.map((name) => path.join(folder, name)).filter((file) => !keep.has(file));
      await Promise.all(files.map(discard));
    },
  };
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
