/** Numbers and times as people read them in a tree. Pure. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Three significant digits, decimal units, as Docker prints sizes: `129 MB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

const SPANS: readonly (readonly [number, string])[] = [
  [365 * 24 * 3600, 'year'],
  [30 * 24 * 3600, 'month'],
  [7 * 24 * 3600, 'week'],
  [24 * 3600, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** `3 hours`; below a minute `moments`, since nothing counts the seconds on. */
export function span(ms: number): string {
  const seconds = ms / 1000;
  for (const [length, name] of SPANS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return 'moments';
}

/** Twelve digits, as `docker ps` shows ids. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Text that must not be taken for Markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!|<>~&]/g, String.raw`\$&`);
}
