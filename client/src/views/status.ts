/** What the explorer's conditions (`when`) and the status bar say about the hosts. */
import type { Host } from '../hosts/host-list.ts';

/** `slipway.state` in when-clauses. */
export type OverallState = 'none' | 'connecting' | 'connected';

export function overallState(hosts: readonly Host[]): OverallState {
  if (hosts.some((host) => host.state.kind === 'connected')) return 'connected';
  return hosts.some((host) => host.state.kind === 'connecting') ? 'connecting' : 'none';
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
}

/** @param activeLabel the host in use; undefined: none is connected */
export function statusText(hosts: readonly Host[], activeLabel: string | undefined): StatusText {
  if (activeLabel !== undefined) {
    return {
      text: `$(server) ${activeLabel}`,
      tooltip: `Slipway: terminals and new containers use ${activeLabel}. Click to use another host.`,
      command: 'slipway.useHost',
    };
  }
  switch (overallState(hosts)) {
    case 'connecting':
      return { text: '$(loading~spin) Slipway', tooltip: 'Slipway is connecting.', command: 'slipway.hosts.focus' };
    default:
      return {
        text: '$(server) Slipway',
        tooltip: 'Slipway: no host is connected. Click to add one.',
        command: 'slipway.addHost',
      };
  }
}
