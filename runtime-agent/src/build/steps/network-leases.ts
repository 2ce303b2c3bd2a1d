/** Networks for the RUN steps of one build. A step that ends leaves its network to the next one: making one takes as long
 * as a small step. */
import { randomBytes } from 'node:crypto';
import type { Networks, Sandbox } from '../../network/networks.ts';

/** What a RUN sees as its machine's name, if it has none of its own: the same every time, as with BuildKit. */
const HOSTNAME = 'buildkitsandbox';

export interface NetworkLease extends Disposable {
  readonly sandbox: Sandbox;
  readonly hostname: string;
  /** Content of /etc/hosts. */
  readonly hosts: string;
}

export interface NetworkLeases extends AsyncDisposable {
  /**
   * @param mode `bridge`, `none`, `host`, `container:ID` or a network
   * @param name of the machine, which /etc/hosts then has with its address
   */
  take(mode: string, name?: string): Promise<NetworkLease>;
}

interface Opened {
  readonly id: string;
  readonly mode: string;
  readonly sandbox: Sandbox;
}

export function createNetworkLeases(
  networks: Pick<Networks, 'open' | 'close'>,
  extraHosts: readonly string[],
): NetworkLeases {
  const opened: Opened[] = [];
  const free: Opened[] = [];
  const open = async (mode: string): Promise<Opened> => {
    const id = randomBytes(32).toString('hex');
    const sandbox = await networks.open({
      containerId: id,
      containerName: `build-${id.slice(0, 12)}`,
      hostname: HOSTNAME,
      domainname: '',
      mode,
      endpoints: ['none', 'host'].includes(mode) || mode.startsWith('container:') ? {} : { [mode]: {} },
      exposedPorts: [],
      portBindings: {},
      publishAllPorts: false,
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      extraHosts,
      sysctls: {},
    });
    const one = { id, mode, sandbox };
    opened.push(one);
    return one;
  };
  return {
    async take(mode, name) {
      const at = free.findIndex((one) => one.mode === mode);
      const one = (at === -1 ? undefined : free.splice(at, 1)[0]) ?? (await open(mode));
      return {
        sandbox: one.sandbox,
        hostname: name ?? HOSTNAME,
        hosts:
          name === undefined ? hostsFile(one.sandbox.hosts, extraHosts) : one.sandbox.hosts.replaceAll(HOSTNAME, name),
        [Symbol.dispose]: () => void free.push(one),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map(({ id }) => networks.close(id)));
    },
  };
}

/** As BuildKit has it: nothing that differs from one time or network to the next, but the hosts of the request. */
function hostsFile(ofSandbox: string, extraHosts: readonly string[]): string {
  const names = new Set(extraHosts.map((entry) => entry.split(/[:=]/, 1)[0]));
  const extra = ofSandbox.split('\n').filter((line) => names.has(line.split('\t')[1]));
  const own = [`127.0.0.1\tlocalhost ${HOSTNAME}`, '::1\tlocalhost ip6-localhost ip6-loopback'];
  return `${[...own, ...extra].join('\n')}\n`;
}
