/** Containers and their verbs: what the API, the builder and others may ask of them. */
import type {
  ContainerInspectResponse,
  ContainerSummary,
  EndpointSettings,
  ExecInspectResponse,
  FilesystemChange,
  HostConfig,
} from '#model/engine-api/types.ts';
import type { Database } from '../state/collection.ts';
import { watchExits } from '../runtime/exit-watch.ts';
import type { Readable } from 'node:stream';
import { type Archive, getArchive, putArchive, type PutOptions, statArchive } from './archive.ts';
import { type Attachment, attachContainer, type AttachOptions } from './attach.ts';
import { watchConmons } from './conmon-watch.ts';
import { connectContainer, disconnectContainer } from './connect.ts';
import type { WaitCondition } from './container.ts';
import type { ContainerContext } from './context.ts';
import { containerChanges } from './changes.ts';
import { commitContainer, type CommitRequest } from './commit.ts';
import { createContainer, type Created, type CreateRequest } from './create.ts';
import { createExec, inspectExec, resizeExec } from './exec.ts';
import type { ExecConfig } from './exec-state.ts';
import { type ExecSession, type ExecStartOptions, startExec } from './exec-start.ts';
import { settleExit } from './exit.ts';
import { exportContainer } from './export.ts';
import type { PathStat } from './files/path-stat.ts';
import { inspectContainer } from './inspect.ts';
import { type EndedStep, keepStep } from './keep-step.ts';
import { killContainer } from './kill.ts';
import { containerList, type ListOptions } from './list.ts';
import { watchLogSizes } from './log-rotation.ts';
import { containerLogs, type Logs, type LogsOptions } from './logs.ts';
import { pauseContainer, unpauseContainer } from './pause.ts';
import type { ContainerRecord } from './record.ts';
import { pruneContainers, type Pruned, type PruneOptions } from './prune.ts';
import { removeContainer, type RemoveOptions } from './remove.ts';
import { renameContainer } from './rename.ts';
import { resizeContainer } from './resize.ts';
import { restartContainer } from './restart.ts';
import { restoreContainers } from './restore.ts';
import { stopAll } from './shutdown.ts';
import { startContainer } from './start.ts';
import { containerStats, type StatsOptions } from './stats.ts';
import { stopContainer, type StopOptions } from './stop.ts';
import { openContainerStore } from './store.ts';
import { type Top, topContainer } from './top.ts';
import { updateContainer } from './update.ts';
import { type Ended, waitContainer } from './wait.ts';

/** `reference` is an id, a name or an unambiguous id prefix; every verb throws EngineError('not-found') without one. */
export interface Containers {
  create(request: CreateRequest): Promise<Created>;
  /** Takes over what a build's step leaves. */
  keep(step: EndedStep): Promise<void>;
  /** For what is asked before a request's other mistakes are told. */
  mustExist(reference: string): void;
  start(reference: string): Promise<void>;
  stop(reference: string, options: StopOptions): Promise<void>;
  restart(reference: string, options: StopOptions): Promise<void>;
  kill(reference: string, signal: string | undefined): Promise<void>;
  pause(reference: string): Promise<void>;
  unpause(reference: string): Promise<void>;
  remove(
    reference: string,
    options: RemoveOptions & { readonly force: boolean; readonly link?: boolean },
  ): Promise<void>;
  rename(reference: string, name: string): Promise<void>;
  resize(reference: string, rows: number, columns: number): Promise<void>;
  wait(reference: string, condition: WaitCondition, signal: AbortSignal): Promise<Ended>;
  attach(reference: string, options: AttachOptions): Promise<Attachment>;
  logs(reference: string, options: LogsOptions): Logs;
  update(reference: string, changes: HostConfig): Promise<readonly string[]>;
  prune(options: PruneOptions): Promise<Pruned>;
  top(reference: string, psArgs: string): Promise<Top>;
  stats(reference: string, options: StatsOptions, signal: AbortSignal): AsyncGenerator<object>;
  statArchive(reference: string, path: string): Promise<PathStat>;
  getArchive(reference: string, path: string): Promise<Archive>;
  putArchive(reference: string, path: string, tar: Readable, options: PutOptions): Promise<void>;
  changes(reference: string): Promise<readonly FilesystemChange[]>;
  export(reference: string): Promise<Readable>;
  /** @returns the new image's id */
  commit(request: CommitRequest): Promise<string>;
  list(options: ListOptions): Promise<ContainerSummary[]>;
  inspect(reference: string, size: boolean): Promise<ContainerInspectResponse>;
  createExec(reference: string, config: ExecConfig): Promise<string>;
  startExec(id: string, options: ExecStartOptions): ExecSession;
  inspectExec(id: string): ExecInspectResponse;
  resizeExec(id: string, rows: number, columns: number): Promise<void>;
  connect(reference: string, network: string, endpoint: EndpointSettings): Promise<void>;
  disconnect(reference: string, network: string, force: boolean): Promise<void>;
  /** All of them as they are now, oldest first. */
  records(): readonly ContainerRecord[];
  /** Layers that containers use, of their own images and of those that they mount. */
  chainIds(): string[];
  /** Finds running containers again after a restart of the engine; once, before the API opens. */
  restore(): Promise<void>;
  /** Ends all running containers, each within its own time-out or the given one. */
  stopAll(timeoutSeconds: number): Promise<void>;
  /** Stops watching; containers live on. */
  [Symbol.dispose](): void;
}

export type ContainersDependencies = Omit<ContainerContext, 'exits' | 'store' | 'signal' | 'accounts'> & {
  readonly database: Database;
};

export function createContainers({ database, ...dependencies }: ContainersDependencies): Containers {
  const ended = new AbortController();
  const store = openContainerStore(database);
  const exits = watchExits(dependencies.runtime.exits, (exit) => {
    const container = store.byId(exit.id);
    if (container) void settleExit(context, container, exit);
  });
  const context: ContainerContext = {
    ...dependencies,
    exits,
    store,
    accounts: new Map(),
    signal: ended.signal,
  };
  const watches = [watchLogSizes(context), watchConmons(context)];
  return {
    create: (request) => createContainer(context, request),
    keep: (step) => keepStep(context, step),
    mustExist: (reference) => void store.find(reference),
    start: (reference) => startContainer(context, reference),
    stop: (reference, options) => stopContainer(context, reference, options),
    restart: (reference, options) => restartContainer(context, reference, options),
    kill: (reference, signal) => killContainer(context, reference, signal),
    pause: (reference) => pauseContainer(context, reference),
    unpause: (reference) => unpauseContainer(context, reference),
    remove: (reference, options) => removeContainer(context, reference, options),
    rename: (reference, name) => renameContainer(context, reference, name),
    resize: (reference, rows, columns) => resizeContainer(context, reference, rows, columns),
    wait: (reference, condition, signal) => waitContainer(context, reference, condition, signal),
    attach: (reference, options) => attachContainer(context, reference, options),
    logs: (reference, options) => containerLogs(context, reference, options),
    update: (reference, changes) => updateContainer(context, reference, changes),
    prune: (options) => pruneContainers(context, options),
    top: (reference, psArgs) => topContainer(context, reference, psArgs),
    stats: (reference, options, signal) => containerStats(context, reference, options, signal),
    statArchive: (reference, place) => statArchive(context, reference, place),
    getArchive: (reference, place) => getArchive(context, reference, place),
    putArchive: (reference, place, tar, options) => putArchive(context, reference, place, tar, options),
    changes: (reference) => containerChanges(context, reference),
    export: (reference) => exportContainer(context, reference),
    commit: (request) => commitContainer(context, request),
    list: containerList(context),
    inspect: (reference, size) => inspectContainer(context, reference, size),
    createExec: (reference, config) => createExec(context, reference, config),
    startExec: (id, options) => startExec(context, id, options),
    inspectExec: (id) => inspectExec(context, id),
    resizeExec: (id, rows, columns) => resizeExec(context, id, rows, columns),
    connect: (reference, network, endpoint) => connectContainer(context, reference, network, endpoint),
    disconnect: (reference, network, force) => disconnectContainer(context, reference, network, force),
    records: () => store.all().map(({ record }) => record),
    chainIds: () =>
      store
        .all()
        .flatMap(({ record }) => [...record.chainIds, ...record.mounts.flatMap((mount) => mount.chainIds ?? [])]),
    restore: () => restoreContainers(context),
    async stopAll(timeoutSeconds) {
      // Nothing is started again from here on.
      ended.abort();
      await stopAll(context, timeoutSeconds);
    },
    [Symbol.dispose]() {
      ended.abort();
      exits[Symbol.dispose]();
      for (const watch of watches) watch[Symbol.dispose]();
      for (const container of store.all()) container.health?.stop();
    },
  };
}
