const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A duration as Go writes it (`1m30s`, `1.5h`, `-2ms`, `0`) in nanoseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (match === null) return /^[+-]?0$/.test(text) ? 0 : undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(number) * (NANOSECONDS[unit ?? ''] ?? 0);
  }
  return Math.round(match[1] === '-' ? -total : total);
}

/** What is wrong with text that is no duration, in the words of Go's time.ParseDuration. */
export function durationProblem(text: string): string {
  const quoted = JSON.stringify(text);
  for (let rest = text.replace(/^[+-]/, ''); rest !== ''; ) {
    const [, number, unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? [];
    if (number === undefined) break;
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    if (!(unit in NANOSECONDS)) return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    rest = rest.slice(number.length + unit.length);
  }
  return `time: invalid duration ${quoted}`;
}

/** Nanoseconds as Go writes a duration: `1h0m0s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  const size = Math.abs(nanoseconds);
  const sign = nanoseconds < 0 ? '-' : '';
  if (size === 0) return '0s';
  if (size < 1e9) {
    const unit = size >= 1e6 ? 'ms' : size >= 1e3 ? 'µs' : 'ns';
    return `${sign}${size / (NANOSECONDS[unit] ?? 1)}${unit}`;
  }
  const minutes = Math.floor(size / 60e9);
  const seconds = `${(size - minutes * 60e9) / 1e9}s`;
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${sign}${hours}h${minutes % 60}m${seconds}`;
  return sign + (minutes > 0 ? `${minutes}m` : '') + seconds;
}
