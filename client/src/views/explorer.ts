/** The Slipway views: what the hosts have, live. */
import * as vscode from 'vscode';
import { messageOf } from '#model/engine-api/errors.ts';
import { containerTree } from '../explorer/containers.ts';
import { followUsage, type UsageFollower } from '../explorer/follow-usage.ts';
import { hostTree } from '../explorer/hosts.ts';
import { imageTree } from '../explorer/images.ts';
import { type LiveSnapshot, liveSnapshot } from '../explorer/live.ts';
import type { EngineSnapshot, HostView } from '../explorer/snapshot.ts';
import { networkTree, volumeTree } from '../explorer/storage.ts';
import type { ActiveHost } from '../hosts/active-host.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { Host, HostList } from '../hosts/host-list.ts';
import { overallState, statusText } from './status.ts';
import { showTree } from './tree.ts';
import type { Ui } from './ui.ts';

export interface Explorer extends vscode.Disposable {
  snapshot(hostId: string): EngineSnapshot | undefined;
  refresh(): Promise<void>;
}

export function showExplorer(hosts: HostList, active: ActiveHost, ui: Ui): Explorer {
  const live = new Map<EngineConnection, LiveSnapshot>();
  const usage = new Map<EngineConnection, UsageFollower>();
  const views = (): HostView[] => hosts.all().map((host) => viewOf(host, live, usage, active));
  /** Statistics are followed while the containers are on the screen, and only then. */
  const look = (): void => {
    const visible =
      containers.isVisible() && vscode.workspace.getConfiguration('slipway').get('containers.showUsage', true);
    for (const [connection, follower] of usage) {
      const running = (live.get(connection)?.current()?.containers ?? []).filter(({ State }) => State === 'running');
      follower.follow(visible ? running.map(({ Id = '' }) => Id) : []);
    }
  };
  const containers = showTree(
    'slipway.containers',
    () => containerTree(views(), Date.now()),
    true,
    () => look(),
  );
  const trees = [
    showTree('slipway.hosts', () => hostTree(views()), false),
    containers,
    showTree('slipway.images', () => imageTree(views(), Date.now()), true),
    showTree('slipway.volumes', () => volumeTree(views()), true),
    showTree('slipway.networks', () => networkTree(views()), true),
  ];
  const status = vscode.window.createStatusBarItem('slipway.host', vscode.StatusBarAlignment.Left, 10);
  status.name = 'Slipway Host';
  const setContext = contextSetter();
  const paint = (): void => {
    const state = overallState(views());
    setContext('slipway.state', state);
    setContext('slipway.connected', hosts.connections().length > 0);
    for (const tree of trees) tree.update();
    look();
    const { text, tooltip, command } = statusText(state, active.connection()?.label);
    Object.assign(status, { text, tooltip, command });
    status.show();
  };
  const follow = (): void => {
    const connections = new Set(hosts.connections());
    for (const [connection, snapshot] of live) {
      if (connections.has(connection)) continue;
      live.delete(connection);
      usage.get(connection)?.[Symbol.dispose]();
      usage.delete(connection);
      void snapshot[Symbol.asyncDispose]();
    }
    for (const connection of connections) {
      if (live.has(connection)) continue;
      const onError = (error: unknown): void => ui.log(`${connection.label}: ${messageOf(error)}`);
      live.set(connection, liveSnapshot(connection, paint, onError));
      usage.set(
        connection,
        followUsage(connection, () => containers.updateRows()),
      );
    }
    paint();
  };
  const stops = [hosts.onChange(follow), active.onChange(paint)];
  follow();
  return {
    snapshot: (hostId) => live.get(hosts.connection(hostId) as EngineConnection)?.current(),
    async refresh() {
      await Promise.all([...live.values()].map((snapshot) => snapshot.refresh()));
    },
    dispose() {
      for (const stop of stops) stop();
      for (const tree of trees) tree.dispose();
      for (const snapshot of live.values()) void snapshot[Symbol.asyncDispose]();
      for (const follower of usage.values()) follower[Symbol.dispose]();
      status.dispose();
    },
  };
}

/** For when-clauses; VS Code is told only what has changed. */
function contextSetter(): (key: string, value: string | boolean) => void {
  const set = new Map<string, string | boolean>();
  return (key, value) => {
    if (set.get(key) === value) return;
    set.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
}

function viewOf(
  host: Host,
  live: ReadonlyMap<EngineConnection, LiveSnapshot>,
  usage: ReadonlyMap<EngineConnection, UsageFollower>,
  active: ActiveHost,
): HostView {
  const base = { id: host.id, label: host.label, kind: host.saved.kind, active: active.connection()?.id === host.id };
  switch (host.state.kind) {
    case 'connected': {
      const { connection } = host.state;
      const shown = live.get(connection);
      const current = shown?.current();
      const problem = shown?.problem();
      const used = usage.get(connection)?.current();
      const snapshot = current && { ...current, ...(used === undefined ? {} : { usage: used }) };
      return { ...base, state: { kind: 'connected', snapshot, ...(problem === undefined ? {} : { problem }) } };
    }
    case 'failed':
      return { ...base, state: { kind: 'failed', message: host.state.error.message } };
    case 'disconnected':
    case 'connecting':
    case 'lost':
      return { ...base, state: host.state };
  }
}
