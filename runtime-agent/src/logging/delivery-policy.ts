/**
 * How patiently a driver delivers, from its log options: after how many attempts it gives lines up, how long it waits between
 * them, and how much may wait for a destination that takes nothing.
 */
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import { parseDuration } from '#model/dockerfile/duration.ts';

export interface DeliveryPolicy {
  /** For one delivery, before its lines are given up; Infinity: never. */
  readonly attempts: number;
  /** Milliseconds between a failed attempt, counted from 1, and the next. */
  readonly waitMs: (failed: number) => number;
  /** What waits at most while the destination takes nothing; newer lines are dropped then. undefined: the log file waits. */
  readonly buffer?: DeliveryBuffer | undefined;
}

export interface DeliveryBuffer {
  readonly events: number;
  /** Of their lines. */
  readonly bytes: number;
}

type LogOptions = Readonly<Record<string, string>>;

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** As Docker's ring buffer. */
const NON_BLOCKING_BYTES = 1e6;
/** As Docker's driver, and where an option says 0 as the library under it. */
const FLUENTD = {
  waitMs: 1000,
  zeroWaitMs: 500,
  zeroAttempts: 13,
  events: 1024 * 1024,
  zeroEvents: 8192,
  growth: 1.5,
  longestMs: 60_000,
};
/** A delay of 0 would keep the engine busy. */
const SHORTEST_WAIT_MS = 10;

const given = (options: LogOptions, name: string): string | undefined => options[name] || undefined;
const isTrue = (text: string | undefined): boolean => /^(1|t|true)$/i.test(text ?? '');

function attemptsAndWaits(driver: string, options: LogOptions): Pick<DeliveryPolicy, 'attempts' | 'waitMs'> {
  const own = (failed: number): number => Math.min(FIRST_WAIT_MS * 2 ** (failed - 1), LONGEST_WAIT_MS);
  if (driver === 'gelf') {
    const reconnects = given(options, 'gelf-tcp-max-reconnect');
    const seconds = given(options, 'gelf-tcp-reconnect-delay');
    return {
      attempts: reconnects === undefined ? Infinity : Number(reconnects) + 1,
      waitMs: seconds === undefined ? own : () => Math.max(Number(seconds) * 1000, SHORTEST_WAIT_MS),
    };
  }
  if (driver === 'fluentd') {
    const retries = given(options, 'fluentd-max-retries');
    const text = given(options, 'fluentd-retry-wait');
    const base = text === undefined ? FLUENTD.waitMs : (parseDuration(text) ?? 0) / 1e6 || FLUENTD.zeroWaitMs;
    const grown = (failed: number): number => base * Math.trunc(FLUENTD.growth ** (failed - 2));
    return {
      attempts: retries === undefined ? Infinity : Number(retries) || FLUENTD.zeroAttempts,
      waitMs: (failed) => Math.max(Math.min(grown(failed), FLUENTD.longestMs), SHORTEST_WAIT_MS),
    };
  }
  return { attempts: Infinity, waitMs: own };
}

function bufferOf(driver: string, options: LogOptions): DeliveryBuffer | undefined {
  const async = driver === 'fluentd' && isTrue(options['fluentd-async']);
  const nonBlocking = options['mode'] === 'non-blocking';
  if (!async && !nonBlocking) return undefined;
  const limit = given(options, 'fluentd-buffer-limit');
  const events = limit === undefined ? FLUENTD.events : ramInBytes(limit) || FLUENTD.zeroEvents;
  const size = given(options, 'max-buffer-size');
  const bytes = size === undefined ? NON_BLOCKING_BYTES : ramInBytes(size);
  return { events: async ? events : Infinity, bytes: nonBlocking ? bytes : Infinity };
}

/** @param options have been checked, see log-drivers.ts */
export function deliveryPolicy(driver: string, options: LogOptions): DeliveryPolicy {
  return { ...attemptsAndWaits(driver, options), buffer: bufferOf(driver, options) };
}
