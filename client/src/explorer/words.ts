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

const SPANS: readonly (readonly [number, string, string])[] = [
  [365 * 24 * 3600, 'year', 'years'],
  [30 * 24 * 3600, 'month', 'months'],
  [7 * 24 * 3600, 'week', 'weeks'],
  [24 * 3600, 'day', 'days'],
  [3600, 'h', 'h'],
  [60, 'min', 'min'],
];

/** `3 h`, `2 days`: short, because a row is. */
export function span(ms: number): string {
  const seconds = ms / 1000;
  for (const [length, one, many] of SPANS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${count === 1 ? one : many}`;
  }
  return '<1 min';
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
