/** A sandbox as the containers' side sees it: namespace, inspect's settings, files. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { NetworkStore } from './network-store.ts';
import type { Sandbox } from './networks.ts';
import { type SandboxFiles, sandboxFiles } from './sandbox-files.ts';
import { showSettings } from './sandbox-settings.ts';
import { userNamespaceOf } from './user-namespace-of.ts';
import { dnsNames, type EndpointState, isUserDefined, type SandboxState, specialEndpointId } from './sandbox-state.ts';

export interface SandboxView {
  settings(state: SandboxState): Sandbox['settings'];
  files(state: SandboxState): Promise<SandboxFiles>;
  /** Throws EngineError('conflict') when the network of a container that is not open is to be shared. */
  whole(state: SandboxState): Promise<Sandbox>;
}

export interface SandboxViewDeps {
  readonly store: NetworkStore;
  readonly states: ReadonlyMap<string, SandboxState>;
  readonly execRoot: string;
}

const CONTAINER_MODE = 'container:';

export function createSandboxView({ store, states, execRoot }: SandboxViewDeps): SandboxView {
  function sharedWith({ request }: SandboxState): SandboxState | undefined {
    if (!request.mode.startsWith(CONTAINER_MODE)) return undefined;
    const id = request.mode.slice(CONTAINER_MODE.length);
    const other = states.get(id);
    if (other !== undefined) return sharedWith(other) ?? other;
    throw new EngineError('conflict', `cannot join network namespace of a non running container: ${id}`);
  }

  function settings(state: SandboxState): Sandbox['settings'] {
    const { mode } = state.request;
    if (mode.startsWith(CONTAINER_MODE)) return showSettings({ state: { ...state, sandboxId: '' }, sandboxKey: '' });
    const sandboxKey = state.netns ?? path.join(execRoot, 'netns', 'default');
    if (mode !== 'host' && mode !== 'none') return showSettings({ state, sandboxKey });
    const { id, name } = store.find(mode);
    return showSettings({ state, sandboxKey, special: { id, name, endpointId: specialEndpointId(state) } });
  }

  async function files(state: SandboxState): Promise<SandboxFiles> {
    const owner = sharedWith(state) ?? state;
    const [hosts, resolvConf] = await Promise.all(
      ['/etc/hosts', '/etc/resolv.conf'].map((file) => readFile(file, 'utf8').catch(() => '')),
    );
    return sandboxFiles({
      state: owner,
      host: { hosts: hosts ?? '', resolvConf: resolvConf ?? '' },
      fallbackGateway: store.find('bridge').subnets[0]?.gateway ?? '',
      links: owner.endpoints.flatMap((endpoint) => links(endpoint, states.values())),
    });
  }

  return {
    settings,
    files,
    async whole(state) {
      const owner = sharedWith(state) ?? state;
      const userNamespacePath = owner.netns === undefined ? undefined : userNamespaceOf(owner.netns);
      return { netnsPath: owner.netns, userNamespacePath, settings: settings(state), ...(await files(state)) };
    },
  };
}

/** `--link` on the default bridge, which has no names of its own: lines in /etc/hosts. */
function links({ network, wishes }: EndpointState, states: Iterable<SandboxState>) {
  if (isUserDefined(network)) return [];
  const all = [...states];
  return (wishes.Links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.replace(/^\//, '').split(':');
    const state = all.find((one) => dnsNames(one, {}).includes(target) || one.request.containerId === target);
    const address = state?.endpoints.find((one) => one.network.id === network.id)?.ipv4?.address;
    if (state === undefined || address === undefined) return [];
    const { hostname, containerName } = state.request;
    return [{ address, names: [alias, hostname, containerName] }];
  });
}
