/**
 * Network namespaces as bind mounts in one folder (netns files, ip-netns(8)), a few of them made in advance with their
 * first interface: making one takes two thirds of the time that connecting a container takes.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../host/host.ts';
import { newVethName } from './names.ts';

export interface Namespace {
  /** The bind mount; survives the engine. */
  readonly file: string;
  /** Host side of its eth0, not yet on any bridge; undefined in a namespace without interfaces. */
  readonly veth: string | undefined;
}

export interface Namespaces extends AsyncDisposable {
  /** A namespace with `lo` up and an unconfigured eth0. */
  wired(): Promise<Namespace>;
  /** A namespace with `lo` only. */
  bare(): Promise<Namespace>;
  /** Removes a namespace and waits until its interfaces have gone; nothing there is no error. */
  remove(file: string, veths: readonly string[]): Promise<void>;
  /** Removes all namespaces in the folder but these. */
  removeOthers(keep: ReadonlySet<string>): Promise<void>;
}

const POOL_SIZE = 2;
/** The kernel takes a namespace apart in the background, usually within 20 ms. */
const GONE_POLLS = 20;
const POLL_MS = 5;

/** Docker's defaults for containers: any port and ping without privileges. */
const SYSCTLS = `echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
`;

/** eth0 is born without IPv6; endpoints with an IPv6 address switch it on. A kernel without IPv6 has no such file. */
function wiringScript(veth: string, enginePid: number): string {
  const ipv6 = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
  return `${SYSCTLS}[ ! -e ${ipv6} ] || echo 1 >${ipv6}
ip -batch - <<END || exit 1
link set lo up
link add eth0 type veth peer name ${veth} netns ${enginePid}
END
[ ! -e ${ipv6} ] || echo 0 >${ipv6}`;
}

export function createNamespaces({ host, folder }: { readonly host: Host; readonly folder: string }): Namespaces {
  const ready: Namespace[] = [];
  let filling: Promise<void> | undefined;
  let closed = false;

  async function make(script: string, veth: string | undefined): Promise<Namespace> {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const file = path.join(folder, randomBytes(6).toString('hex'));
    await writeFile(file, '', { mode: 0o444, flag: 'wx' });
    try {
      await host.run('unshare', [`--net=${file}`, 'sh', '-c', script]);
    } catch (error) {
      await discard(file);
      throw error;
    }
    return { file, veth };
  }

  const makeWired = (): Promise<Namespace> => {
    const veth = newVethName();
    return make(wiringScript(veth, process.pid), veth);
  };

  function refill(): void {
    if (filling !== undefined || closed || ready.length >= POOL_SIZE) return;
    filling = makeWired()
      .then((namespace) => void ready.push(namespace))
      .then(
        () => true,
        () => false, // whoever needs the next one makes it itself and sees the error
      )
      .then((again) => {
        filling = undefined;
        if (again) refill();
      });
  }

  async function discard(file: string): Promise<void> {
    await host.unmount(file);
    await rm(file, { force: true });
  }

  async function remove(file: string, veths: readonly string[]): Promise<void> {
    await discard(file);
    for (const veth of veths) await gone(veth);
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
    async wired() {
      const namespace = ready.shift() ?? (await makeWired());
      refill();
      return namespace;
    },
    bare: () => make(`${SYSCTLS}exec ip link set lo up`, undefined),
    remove,
    async removeOthers(keep) {
      const names = await readdir(folder).catch(() => []);
      const files = names.map((name) => path.join(folder, name)).filter((file) => !keep.has(file));
      const pooled = new Set(ready.map(({ file }) => file));
      await Promise.all(files.filter((file) => !pooled.has(file)).map(discard));
      refill();
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await filling;
      await Promise.all(ready.splice(0).map(({ file, veth }) => remove(file, veth === undefined ? [] : [veth])));
    },
  };
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
