/** Progress messages of pull, push, load and build as the Engine API streams them. */

/** `Readonly`: one JSON value of the stream. */
export type ProgressMessage = Readonly<Record<string, unknown>>;

const BAR = 50;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Four significant digits, decimal units: `36.45kB`, as Docker's HumanSize. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`;
}

/** The bar that old clients print as it is: `[====>     ]  36.45kB/1.08MB`. */
export function progressBar(current: number, total: number): string {
  if (total <= 0) return humanSize(current).padStart(8);
  const done = Math.min(BAR, Math.floor((current * BAR) / total));
  const numbers = `${humanSize(current).padStart(8)}${current > total ? '' : `/${humanSize(total)}`}`;
  return `[${'='.repeat(done)}>${' '.repeat(BAR - done)}] ${numbers}`;
}

/** A layer's message without numbers: `{"status":"Pull complete","progressDetail":{},"id":"…"}`. */
export function layerStatus(id: string, status: string): ProgressMessage {
  return { status, progressDetail: {}, id };
}

/** What comes before another attempt. */
export function layerRetry(id: string, delayMs: number): ProgressMessage {
  const seconds = Math.ceil(delayMs / 1000);
  return layerStatus(id, `Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`);
}

export function layerProgress(id: string, status: string, current: number, total: number): ProgressMessage {
  return { status, progressDetail: { current, total }, progress: progressBar(current, total), id };
}
