/** The composition root of the engine: every part is made here and handed what it needs; nothing else is global. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { normalisePlatform } from '#model/oci/platform.ts';
import type { Readable } from 'node:stream';
import { diskUsage } from './api/disk-usage.ts';
import { systemInfo, systemVersion, type EngineCounts } from './api/info.ts';
import type { Route } from './api/route.ts';
import { createRouter } from './api/router.ts';
import { buildRoutes } from './api/routes/build.ts';
import { buildKitRoutes } from './api/routes/buildkit.ts';
import { containerFileRoutes } from './api/routes/container-files.ts';
import { containerStateRoutes } from './api/routes/container-state.ts';
import { containerStreamRoutes } from './api/routes/container-streams.ts';
import { containerRoutes } from './api/routes/containers.ts';
import { eventRoutes } from './api/routes/events.ts';
import { execRoutes } from './api/routes/exec.ts';
import { imageTransferRoutes } from './api/routes/image-transfer.ts';
import { imageRoutes } from './api/routes/images.ts';
import { networkRoutes } from './api/routes/networks.ts';
import { type SlipwayRoutesDeps, slipwayRoutes } from './api/routes/slipway.ts';
import { systemRoutes } from './api/routes/system.ts';
import { volumeRoutes } from './api/routes/volumes.ts';
import {
  countedTroubles,
  measuredBuilder,
  measuredContainers,
  measuredNetworks,
  measuredTransfers,
} from './api/measured.ts';
import { createMetrics } from './api/metrics.ts';
import { serveMetrics } from './api/metrics-server.ts';
import { createApiServer } from './api/server.ts';
import { type Builder, createBuilder } from './build/builder.ts';
import { buildKitOnDemand } from './buildkit-on-demand.ts';
import { applyChanges } from './build/config-changes.ts';
import type { EngineConfig } from './config/engine-config.ts';
import { createLiveSettings, needsRestart, reloadAttributes, reloadSettings } from './config/live-settings.ts';
import { type Containers, createContainers } from './containers/containers.ts';
import { prepareAppArmor } from './host/app-armor.ts';
import { readSpecFacts } from './containers/spec-facts.ts';
import { openContent } from './content/content.ts';
import { createContainerDebug, type RunningContainer } from './debug/container-debug.ts';
import { createRelay, relayCommand } from './debug/relay.ts';
import { containerDefaults, networkDefaults } from './engine-defaults.ts';
import { createEventLog } from './events/event-log.ts';
import { atRest, shrinkHeap } from './at-rest.ts';
import { keepHeapRoom } from './heap-room.ts';
import { readHostFacts } from './host/facts.ts';
import { checkContainersPass } from './host/hand-over.ts';
import { mappedDataRoot, SAME_IDS } from './host/id-mapping.ts';
import { findIdMapping } from './host/subordinate-ids.ts';
import type { Host } from './host/host.ts';
import { unusableArchitectures } from './host/foreign-programs.ts';
import { linuxHost } from './host/linux.ts';
import { refuseUnusableHost } from './host/usable.ts';
import { openLayerBlobs } from './images/layer-blobs.ts';
import { openImageStore } from './images/store.ts';
import { createNetworks } from './network/create-networks.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import { checkLogin } from './registry/login.ts';
import { type SearchRequest, searchImages } from './registry/search.ts';
import { createRegistry } from './registry/registry.ts';
import { createTransport } from './registry/transport.ts';
import { createStepRunner } from './runtime/run-step.ts';
import { createRuntime } from './runtime/runtime.ts';
import { decompressed } from './snapshots/decompress.ts';
import { openSnapshots } from './snapshots/store.ts';
import type { Database } from './state/collection.ts';
import { openDatabase } from './state/database.ts';
import { listenEverywhere, removeSockets } from './listen.ts';
import { awaitVisible } from './sync/await-visible.ts';
import { createWorkspaces } from './sync/workspaces.ts';
import { createVolumes } from './volumes/create-volumes.ts';
import { volumeUsage } from './volumes/volume-usage.ts';

const DEFAULT_VISIBLE_MS = 5000;

export interface Engine extends AsyncDisposable {
  /** What is listened on, as it is shown to people. */
  readonly listening: readonly string[];
  /** Takes over the settings that can change while the engine runs. */
  reload(config: EngineConfig): void;
  /** Stops the containers first when they are not to live on. */
  shutdown(): Promise<void>;
}

function ipv4Forwarding(): boolean {
  return readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1';
}

/** What needs nothing but the host. */
async function makeStores(config: EngineConfig, host: Host, made: AsyncDisposableStack) {
  const { dataRoot } = config;
  const live = createLiveSettings(config);
  const metrics = createMetrics();
  const database = made.use(openDatabase(path.join(dataRoot, 'state.db')));
  const events = createEventLog();
  const facts = await readHostFacts(host, dataRoot, (what, work) => metrics.timed('host_info', what, work));
  const content = openContent(path.join(dataRoot, 'content'));
  const layerBlobs = openLayerBlobs(database, content, host);
  const blobTar = (diffId: string): Promise<Readable> => layerBlobs.tar(diffId);
  const snapshots = openSnapshots({ host, database, root: path.join(dataRoot, 'snapshots'), blobTar });
  const transport = made.use(createTransport({ proxies: config.proxies }));
  const registry = createRegistry({ transport, ...live });
  const platform = normalisePlatform({ os: 'linux', architecture: facts.goArch });
  return {
    config,
    host,
    dataRoot,
    live,
    metrics,
    database,
    events,
    facts,
    content,
    layerBlobs,
    snapshots,
    transport,
    registry,
    platform,
  };
}

/** Parts below the API, in the order in which they need one another. */
async function makeParts(config: EngineConfig, host: Host, made: AsyncDisposableStack) {
  const stores = await makeStores(config, host, made);
  const { dataRoot, live, metrics, database, events, facts, snapshots, transport, registry, platform } = stores;
  const { execRoot } = config;
  const images = openImageStore({
    ...stores,
    processor: () => normalisePlatform({ ...platform, variant: facts.level() ?? '' }),
    imageUsers: (imageId) =>
      containers
        .records()
        .filter(({ image, mounts }) => image === imageId || mounts.some((mount) => mount.image === imageId))
        .map(({ id, name, state }) => ({ id, name, running: state.status === 'running' || state.status === 'paused' })),
    layerUsers: () => [...containers.chainIds(), ...builder.chainIds()],
    applyChanges,
  });
  const volumes = await createVolumes({ host, database, events, dataRoot });
  const report = (line: string): void => console.error(line);
  const warn = (message: string, error: unknown): void => report(`${message}: ${messageOf(error)}`);
  const [unusable, appArmor] = await Promise.all([unusableArchitectures(host, dataRoot), prepareAppArmor(host, warn)]);
  const specFacts = readSpecFacts({ unusableArchitectures: unusable, appArmor }, host.ids);
  const networks = made.use(
    createNetworks({ host, database, events, dataRoot, execRoot, report, defaults: networkDefaults(config) }),
  );
  const runtime = made.use(
    createRuntime({ host, execRoot, ociRuntime: config.runtimes[config.defaultRuntime]?.path ?? 'runc' }),
  );
  const runner = createStepRunner({ host, execRoot });
  const builder: Builder = made.use(
    await createBuilder({
      host,
      snapshots,
      images,
      transport,
      registry,
      networks,
      runner,
      keepContainer: (step) => containers.keep(step),
      facts: specFacts,
      database,
      dataRoot,
      platform,
    }),
  );
  const common = {
    dataRoot,
    host,
    events,
    images,
    snapshots,
    volumes,
    networks: measuredNetworks(networks, metrics),
    runtime,
    warn,
    facts: specFacts,
    database,
    applyChanges,
    defaults: containerDefaults(config, live),
    ...countedTroubles(metrics),
  };
  const containers: Containers = made.use(measuredContainers(createContainers(common), metrics));
  events.subscribe(() => metrics.count('engine_daemon_events_total'));
  await restore({ images, containers }, report, warn);
  const checkCredentials = (credentials: RegistryCredentials, signal: AbortSignal) =>
    checkLogin({ transport, ...live }, credentials, signal);
  return {
    ...stores,
    checkCredentials,
    search: (request: SearchRequest) => searchImages({ transport, ...live }, request),
    images,
    volumes,
    networks,
    runtime,
    containers,
    appArmor,
    builder,
  };
}

type Parts = Awaited<ReturnType<typeof makeParts>>;

/** What an earlier engine left, however it ended. */
async function restore(
  { images, containers }: Pick<Parts, 'images' | 'containers'>,
  report: (line: string) => void,
  warn: (message: string, error: unknown) => void,
): Promise<void> {
  for (const name of await images.recover()) {
    report(`image ${name} was not on disk when the machine went down, and is lost: pull, load or build it again`);
  }
  await containers.restore();
  images.sweepLeftovers().catch((error: unknown) => warn('cannot sweep what interrupted pulls left', error));
}

function makeDebug({ config, host, containers, events }: Parts, made: AsyncDisposableStack) {
  const command = relayCommand(process.argv[1] ?? '');
  const relay = made.use(createRelay({ host, events, execRoot: config.execRoot, command }));
  const running = async (reference: string): Promise<RunningContainer> => {
    const { Id = '', State, Mounts = [] } = await containers.inspect(reference, false);
    if (!State?.Running || !State.Pid) throw new EngineError('conflict', `container ${reference} is not running`);
    const mounts = Mounts.map((mount) => ({ source: mount.Source ?? '', destination: mount.Destination ?? '' }));
    return { id: Id, pid: State.Pid, mounts };
  };
  const visible: SlipwayRoutesDeps['visible'] = async (reference, wanted, signal) => {
    const root = `/proc/${(await running(reference)).pid}/root`;
    return await awaitVisible({ timeoutMs: DEFAULT_VISIBLE_MS, ...wanted, root }, signal);
  };
  return { debug: createContainerDebug({ running, relay, host }), visible };
}

function countStates({ containers, images, events }: Parts): EngineCounts {
  const statuses = containers.records().map((record) => record.state.status);
  const running = statuses.filter((status) => status === 'running' || status === 'restarting').length;
  const paused = statuses.filter((status) => status === 'paused').length;
  return {
    running,
    paused,
    stopped: statuses.length - running - paused,
    images: images.list().length,
    eventListeners: events.listeners(),
  };
}

function engineId(database: Database): string {
  const settings = database.collection<string>('settings');
  const id = settings.get('engine-id') ?? randomUUID();
  settings.put('engine-id', id);
  return id;
}

function makeRoutes(parts: Parts, made: AsyncDisposableStack): readonly Route[] {
  const { config, containers, database, events, facts, host, images, networks, volumes, checkCredentials } = parts;
  const id = engineId(database);
  const builder = measuredBuilder(parts.builder, parts.metrics);
  const buildKit = buildKitOnDemand({ ...parts, ...builder, id }, made);
  return [
    ...systemRoutes({
      info: () =>
        parts.metrics.timed('host_info', 'system_info', async () =>
          systemInfo({
            id,
            config,
            live: parts.live,
            facts,
            appArmor: parts.appArmor,
            counts: countStates(parts),
            ipv4Forwarding: ipv4Forwarding(),
            initBinary: 'docker-init',
          }),
        ),
      version: () => parts.metrics.timed('host_info', 'system_version', async () => systemVersion(facts, config)),
      diskUsage: (types, before) =>
        diskUsage(
          {
            images: () => images.diskUsage(),
            containers: () => containers.list({ all: true, size: true, filters: new Map() }),
            volumes: () => volumeUsage(volumes),
            buildCache: () => parts.builder.upkeep.list(),
          },
          types,
          before,
        ),
    }),
    ...buildRoutes({ ...builder, buildKit, experimental: config.experimental }),
    ...buildKitRoutes(buildKit),
    ...containerRoutes(containers),
    ...containerStreamRoutes(containers),
    ...containerStateRoutes(containers),
    ...containerFileRoutes({ containers, decompress: (stream) => decompressed(stream, host) }),
    ...execRoutes(containers),
    ...eventRoutes(events),
    ...imageRoutes({ ...images, search: parts.search }),
    ...imageTransferRoutes({ ...images, ...measuredTransfers(images, parts.metrics), checkCredentials }),
    ...networkRoutes({ networks, containers, events }),
    ...volumeRoutes({ volumes, events }),
    ...slipwayRoutes({ ...makeDebug(parts, made), workspaces: createWorkspaces(config.dataRoot, host.ids) }),
  ];
}

function renderMetrics(parts: Parts): string {
  const { facts, events, metrics } = parts;
  const { running, paused, stopped } = countStates(parts);
  return metrics.render({
    containers: { running, paused, stopped },
    info: {
      architecture: facts.machine,
      commit: '',
      daemon_id: engineId(parts.database),
      graphdriver: 'overlay2',
      kernel: facts.kernel,
      os: facts.operatingSystem,
      os_type: 'linux',
      os_version: facts.osVersion,
      version: ENGINE_VERSION,
    },
    cpus: facts.cpus,
    memory: facts.memory,
    eventSubscribers: events.listeners(),
  });
}

export async function startEngine(given: EngineConfig): Promise<Engine> {
  refuseUnusableHost();
  const ids = given.usernsRemap === undefined ? SAME_IDS : await findIdMapping(given.usernsRemap, linuxHost);
  const host: Host = { ...linuxHost, ids };
  const config = { ...given, dataRoot: mappedDataRoot(given.dataRoot, ids) };
  for (const folder of [config.dataRoot, config.execRoot]) mkdirSync(folder, { recursive: true, mode: 0o711 });
  await checkContainersPass(ids, config.dataRoot);
  await using made = new AsyncDisposableStack();
  const parts = await makeParts(config, host, made);
  const { live, events, containers, database } = parts;
  if (config.metricsAddress !== undefined) {
    made.use(await serveMetrics(config.metricsAddress, () => renderMetrics(parts)));
  }
  made.use(keepHeapRoom());
  const called = atRest(() => {
    host.rest();
    shrinkHeap();
  });
  const server = made.use(
    createApiServer({
      router: createRouter(makeRoutes(parts, made)),
      experimental: config.experimental,
      onCall: (request) => {
        called();
        if (live.debug) console.error(`debug: ${request.method} ${request.url}`);
      },
      onFault: (error, request) => console.error(`${request.method} ${request.url}: ${messageOf(error)}`),
    }),
  );
  const listening = await listenEverywhere(server, config);
  if (config.pidfile !== undefined) writeFileSync(config.pidfile, String(process.pid));
  const disposables = made.move();
  const close = async (): Promise<void> => {
    await disposables.disposeAsync();
    removeSockets(config);
    if (config.pidfile !== undefined) rmSync(config.pidfile, { force: true });
  };
  return {
    listening,
    reload(next) {
      if (needsRestart(given, next)) {
        console.error('reloaded; some of the keys that have changed take effect when the engine starts again');
      }
      reloadSettings(live, next);
      events.publish('daemon', 'reload', engineId(database), reloadAttributes(live, hostname()));
    },
    async shutdown() {
      if (!live.liveRestore) await containers.stopAll(live.shutdownTimeoutSeconds);
      await close();
    },
    [Symbol.asyncDispose]: close,
  };
}
