/** What set-up says: one line per step; on a terminal also a live line that shows that something is going on. */
import { performance } from 'node:perf_hooks';

export interface Step {
  /** What the step is doing now; shown on the live line, and now and then where there is no terminal. */
  detail(text: string): void;
}

export interface Progress {
  /** @param expected how long it usually takes, for the person who waits, such as 'about a minute' */
  step<T>(title: string, expected: string, run: (step: Step) => Promise<T>): Promise<T>;
  say(line: string): void;
}

interface RunningStep {
  readonly title: string;
  readonly started: number;
  detail: string;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 250;
const REMIND_MS = 20_000;

export function progressOn(screen: Screen = process.stderr): Progress {
  const running = new Set<RunningStep>();
  const live = screen.isTTY === true;
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => void (live && screen.write('\r\u001B[K'));
  const seconds = (step: RunningStep): string => `${((performance.now() - step.started) / 1000).toFixed(1)} s`;
  const describe = (step: RunningStep): string =>
    `${step.title} (${seconds(step)}${step.detail === '' ? '' : `, ${step.detail}`})`;
  function draw(): void {
    const text = [...running].map(describe).join(' · ');
    if (live) screen.write(`\r\u001B[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
    else screen.write(`setup: still at it: ${text}\n`);
  }
  function say(line: string): void {
    clear();
    screen.write(`${line}\n`);
  }
  return {
    say,
    async step(title, expected, run) {
      const step: RunningStep = { title, started: performance.now(), detail: '' };
      running.add(step);
      say(`setup: ${title} … (${expected})`);
      timer ??= setInterval(draw, live ? REDRAW_MS : REMIND_MS);
      const ended = (outcome: string): void => {
        running.delete(step);
        if (running.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
        say(`setup: ${title}: ${outcome} (${seconds(step)})`);
      };
      try {
        const result = await run({ detail: (text) => (step.detail = text) });
        ended('done');
        return result;
      } catch (error) {
        ended('FAILED');
        throw error;
      }
    },
  };
}
