/** What networks and containers are made with when a request says nothing of it. */
import { readFileSync } from 'node:fs';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { EngineConfig } from './config/engine-config.ts';
import type { LiveSettings } from './config/live-settings.ts';
import type { ContainerDefaults } from './containers/context.ts';
import type { NetworkDefaults } from './network/create-networks.ts';

export function networkDefaults({ mtu, bip, addressPools, containers }: EngineConfig): NetworkDefaults {
  const { dns, dnsSearch, dnsOptions } = containers;
  return { mtu, bip, pools: addressPools, dns, dnsSearch, dnsOptions };
}

function seccompDefault(profile: string | undefined): string | undefined {
  if (profile === undefined || profile === 'unconfined') return profile;
  try {
    return readFileSync(profile, 'utf8');
  } catch (cause) {
    throw new EngineError('invalid', `seccomp-profile: cannot read ${profile}: ${messageOf(cause)}`, { cause });
  }
}

export function containerDefaults({ containers, defaultRuntime }: EngineConfig, live: LiveSettings): ContainerDefaults {
  const seccompProfile = seccompDefault(containers.seccompProfile);
  return {
    ...containers,
    runtime: defaultRuntime,
    seccompProfile,
    get shmSize() {
      return live.shmSize;
    },
  };
}
