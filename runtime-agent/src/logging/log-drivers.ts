/** The log drivers by name, and whether a container's log configuration makes sense, in Docker's words. */
import { EngineError } from '#model/engine-api/errors.ts';
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import { checkFluentdOptions, openFluentd } from './fluentd.ts';
import { checkGelfOptions, openGelf } from './gelf.ts';
import { openJournald } from './journald.ts';
import type { OpenLogSink } from './log-sink.ts';
import { checkSyslogOptions, openSyslog } from './syslog.ts';

export type LogOptions = Readonly<Record<string, string>>;

interface LogDriver {
  readonly options: readonly string[];
  readonly check?: (options: LogOptions) => void;
  /** Drivers that send the log away; the others leave it where conmon writes it. */
  readonly open?: OpenLogSink;
}

const ATTRIBUTES = ['env', 'env-regex', 'labels', 'labels-regex', 'tag'];
const words = (text: string): string[] => text.split(' ');

const DRIVERS: Readonly<Record<string, LogDriver>> = {
  'json-file': { options: [...ATTRIBUTES, ...words('max-size max-file compress')] },
  local: { options: words('max-size max-file compress') },
  none: { options: [] },
  syslog: {
    options: [
      ...ATTRIBUTES,
      ...words('syslog-address syslog-facility syslog-format'),
      ...words('syslog-tls-ca-cert syslog-tls-cert syslog-tls-key syslog-tls-skip-verify'),
    ],
    check: checkSyslogOptions,
    open: openSyslog,
  },
  journald: { options: ATTRIBUTES, open: (container) => openJournald(container) },
  gelf: {
    options: [
      ...ATTRIBUTES,
      ...words('gelf-address gelf-compression-level gelf-compression-type'),
      ...words('gelf-tcp-max-reconnect gelf-tcp-reconnect-delay'),
    ],
    check: checkGelfOptions,
    open: openGelf,
  },
  fluentd: {
    options: [
      ...ATTRIBUTES,
      ...words('fluentd-address fluentd-async fluentd-async-reconnect-interval fluentd-buffer-limit'),
      ...words('fluentd-max-retries fluentd-request-ack fluentd-retry-wait fluentd-sub-second-precision'),
      'fluentd-write-timeout',
    ],
    check: checkFluentdOptions,
    open: openFluentd,
  },
};
/** Docker has them; this engine does not. */
const ABSENT = new Set(['awslogs', 'splunk', 'gcplogs', 'etwlogs']);
const COMMON = new Set(words('mode max-buffer-size cache-disabled cache-max-size cache-max-file cache-compress'));

/** Names as `info` lists them. */
export const LOG_DRIVERS: readonly string[] = Object.keys(DRIVERS)
  .filter((name) => name !== 'none')
  .sort();

const invalid = (message: string): EngineError => new EngineError('invalid', message);

function checkCommon(options: LogOptions): void {
  const mode = options['mode'] ?? '';
  if (!['', 'blocking', 'non-blocking'].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  const buffer = options['max-buffer-size'];
  if (buffer !== undefined) {
    if (mode !== 'non-blocking') {
      throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    }
    try {
      ramInBytes(buffer);
    } catch (cause) {
      throw invalid(`error parsing option max-buffer-size: ${(cause as Error).message}`);
    }
  }
  const cache = options['cache-disabled'] ?? '';
  if (!/^(|1|0|t|f|true|false)$/i.test(cache)) throw invalid(`invalid value for option cache-disabled: ${cache}`);
}

function unknownOption(driver: string, name: string): EngineError {
  if (driver === 'local') return invalid(`unknown log opt '${name}' for log driver local`);
  const quoted = driver === 'gelf' ? JSON.stringify(name) : `'${name}'`;
  return invalid(`unknown log opt ${quoted} for ${driver} log driver`);
}

/** Throws EngineError('invalid') for drivers and options that do not exist, 'not-implemented' for Docker's others. */
export function checkLogConfig(name: string, options: LogOptions): void {
  if (ABSENT.has(name)) {
    const there = `use one of ${Object.keys(DRIVERS).join(', ')}`;
    throw new EngineError('not-implemented', `log driver ${name} is not supported by this engine: ${there}`);
  }
  const driver = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
  if (driver === undefined) {
    throw invalid(`error looking up logging plugin ${name}: plugin ${JSON.stringify(name)} not found`);
  }
  if (name === 'none') return;
  checkCommon(options);
  if (name === 'gelf') driver.check?.(options);
  const unknown = Object.keys(options).find((option) => !COMMON.has(option) && !driver.options.includes(option));
  if (unknown !== undefined) throw unknownOption(name, unknown);
  driver.check?.(options);
}

/** undefined for drivers that send nothing away. */
export function logSinkOf(name: string): OpenLogSink | undefined {
  return Object.hasOwn(DRIVERS, name) ? DRIVERS[name]?.open : undefined;
}

/** Whether what a driver sends away can be read again by `logs`, from the engine's own copy. */
export function logReadable(name: string, options: LogOptions): boolean {
  if (name === 'none') return false;
  return logSinkOf(name) === undefined || !/^(1|t|true)$/i.test(options['cache-disabled'] ?? '');
}
