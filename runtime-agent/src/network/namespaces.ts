/** Network namespaces as bind mounts in one folder, as ip-netns(8) keeps them: they survive the engine. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../host/host.ts';
import type { IdRange } from '../host/id-mapping.ts';
import { USER_NAMESPACE } from './user-namespace-of.ts';

export interface Namespaces {
  /**
   * A namespace with `lo` up.
   * @param eth0 its first interface: the name of the host's side, and `ip` commands to run inside
   * @param userNamespace see SandboxRequest.userNamespace
   * @returns the bind mount
   */
  make(eth0?: { readonly veth: string; readonly commands: readonly string[] }, userNamespace?: string): Promise<string>;
  /** Whether that is what namespaces get that nobody wants anything special of. */
  isUsual(userNamespace: string | undefined): boolean;
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

/**
 * A process in new namespaces tells its pid; then they get their ids and are bound.
 * Arguments: the network namespace's file, uid_map, gid_map, and the user namespace to make it in, if it is there already.
 */
const OWNED = `
if [ -n "$4" ]; then set -- "$1" '' '' nsenter "--user=$4" unshare --net
else set -- "$1" "$2" "$3" unshare --user --net; fi
file=$1 uids=$2 gids=$3; shift 3
"$@" sh -c 'echo $$; exec sleep 60' | {
  read -r pid || exit 1
  [ -z "$uids" ] || { echo "$uids" >"/proc/$pid/uid_map" && echo "$gids" >"/proc/$pid/gid_map"; } || failed=1
  [ -n "$failed" ] || { mount --bind "/proc/$pid/ns/user" "$file${USER_NAMESPACE}" && mount --bind "/proc/$pid/ns/net" "$file"; } || failed=1
  kill "$pid"
  [ -z "$failed" ]
}`;

const idMap = (ranges: readonly IdRange[]): string =>
  ranges.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`).join('\n');

export function createNamespaces({ host, folder }: { readonly host: Host; readonly folder: string }): Namespaces {
  const { ranges } = host.ids;

  async function discard(file: string): Promise<void> {
    for (const one of [file + USER_NAMESPACE, file]) {
      if (one !== file && !(await exists(one))) continue;
      await host.unmount(one);
      await rm(one, { force: true });
    }
  }

  /** A namespace that a user namespace owns, and what is to be done in it. */
  async function makeOwned(file: string, text: string, userNamespace: string | undefined): Promise<void> {
    await writeFile(file + USER_NAMESPACE, '', { mode: 0o444, flag: 'wx' });
    const maps = [idMap(ranges?.uids ?? []), idMap(ranges?.gids ?? [])];
    await host.run('sh', ['-c', OWNED, 'sh', file, ...maps, userNamespace ?? '']);
    await host.run('nsenter', [`--net=${file}`, 'sh', '-c', text]);
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
    isUsual: (userNamespace) => userNamespace === undefined || (ranges === undefined && userNamespace === 'host'),
    async make(eth0, userNamespace) {
      await mkdir(folder, { recursive: true, mode: 0o711 });
      const file = path.join(folder, randomBytes(6).toString('hex'));
      await writeFile(file, '', { mode: 0o444, flag: 'wx' });
      const text =
        eth0 === undefined ? `${SYSCTLS}exec ip link set lo up` : script(process.pid, eth0.veth, eth0.commands);
      try {
        if (ranges !== undefined && userNamespace !== 'host') await makeOwned(file, text, userNamespace);
        else await host.runShort('unshare', [`--net=${file}`, 'sh', '-c', text]);
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
      const own = names.filter((name) => !name.endsWith(USER_NAMESPACE));
      const files = own.map((name) => path.join(folder, name)).filter((file) => !keep.has(file));
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
