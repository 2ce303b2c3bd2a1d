/** Verbs that dockerd measures: as they are, and counted. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Builder } from '../build/builder.ts';
import type { Containers } from '../containers/containers.ts';
import type { ContainerContext } from '../containers/context.ts';
import type { LogTrouble } from '../logging/ship-log.ts';
import type { Networks } from '../network/networks.ts';
import type { Counter, FailureReason, Metrics } from './metrics.ts';
import type { ImageTransferDeps } from './routes/image-transfer.ts';

export function measuredContainers(containers: Containers, metrics: Metrics): Containers {
  return {
    ...containers,
    create: (request) => metrics.timed('container', 'create', () => containers.create(request)),
    start: (reference) => metrics.timed('container', 'start', () => containers.start(reference)),
    remove: (reference, options) => metrics.timed('container', 'delete', () => containers.remove(reference, options)),
    commit: (request) => metrics.timed('container', 'commit', () => containers.commit(request)),
    changes: (reference) => metrics.timed('container', 'changes', () => containers.changes(reference)),
  };
}

export function measuredNetworks(networks: Networks, metrics: Metrics): Networks {
  return {
    ...networks,
    open: (request) => metrics.timed('network', 'allocate', () => networks.open(request)),
    close: (containerId) => metrics.timed('network', 'release', () => networks.close(containerId)),
    connect: (...wish) => metrics.timed('network', 'connect', () => networks.connect(...wish)),
  };
}

const LOG_TROUBLES: Readonly<Record<LogTrouble, Counter>> = {
  unwritten: 'logger_log_write_operations_failed_total',
  unread: 'logger_log_read_operations_failed_total',
  long: 'logger_log_entries_size_greater_than_buffer_total',
};

/** What containers tell of behind the scenes. */
export function countedTroubles(
  metrics: Metrics,
): Pick<ContainerContext, 'onHealthCheck' | 'onHealthCheckStarted' | 'onLogTrouble'> {
  return {
    onHealthCheckStarted: metrics.healthCheckStarted,
    onHealthCheck(failed) {
      metrics.count('engine_daemon_health_checks_total');
      if (failed) metrics.count('engine_daemon_health_checks_failed_total');
    },
    onLogTrouble: (trouble, times) => metrics.count(LOG_TROUBLES[trouble], times),
  };
}

type Transfers = Pick<ImageTransferDeps, 'pull' | 'push'>;

export function measuredTransfers(images: Transfers, metrics: Metrics): Transfers {
  return {
    pull: (request) => metrics.timed('image', 'pull', () => images.pull(request)),
    push: (request) => metrics.timed('image', 'push', () => images.push(request)),
  };
}

export function measuredBuilder(builder: Builder, metrics: Metrics): Builder {
  return {
    ...builder,
    async build(request) {
      metrics.count('builder_builds_triggered_total');
      try {
        return await builder.build(request);
      } catch (error) {
        metrics.buildFailed(reasonOf(error));
        throw error;
      }
    },
  };
}

/** dockerd's reasons, as far as an error tells. */
function reasonOf(error: unknown): FailureReason {
  if (!(error instanceof EngineError)) return 'error_processing_commands_error';
  if (error.code === 'cancelled') return 'build_canceled';
  if (/cannot be empty|file with no instructions/.test(error.message)) return 'dockerfile_empty_error';
  if (/unknown instruction/i.test(error.message)) return 'unknown_instruction_error';
  if (/dockerfile parse error/i.test(error.message)) return 'dockerfile_syntax_error';
  return /target stage/.test(error.message) ? 'build_target_not_reachable_error' : 'error_processing_commands_error';
}
