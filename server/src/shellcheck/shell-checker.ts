/** ShellCheck's answers, kept for as long as a script stays the same: only what was edited is checked again. */
import type { CheckedScript, ShellComment, ShellScript } from '../language.ts';
import type { ShellCheckAnswer } from './run-shellcheck.ts';

export interface ShellChecker {
  /** Those of the scripts that were checked already. */
  known(scripts: () => readonly ShellScript[]): CheckedScript[];
  /** Checks the others; resolves to whether something new is known. An abort is no failure. */
  check(scripts: readonly ShellScript[], signal: AbortSignal): Promise<boolean>;
}

const MOST_KEPT = 2000;
const AT_ONCE = 2;

export function createShellChecker(
  run: (script: ShellScript, signal: AbortSignal) => Promise<ShellCheckAnswer>,
  failed: (error: unknown) => void,
): ShellChecker {
  const kept = new Map<string, readonly ShellComment[]>();
  let isMissing = false;
  const keep = (key: string, comments: readonly ShellComment[]): void => {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, comments);
  };
  return {
    known(scripts) {
      if (kept.size === 0) return [];
      return scripts().flatMap((script) => {
        const comments = kept.get(keyOf(script));
        return comments === undefined ? [] : [{ script, comments }];
      });
    },
    async check(scripts, signal) {
      const waiting = scripts.filter((script) => !kept.has(keyOf(script)));
      let news = false;
      const worker = async (): Promise<void> => {
        for (let script = waiting.shift(); script !== undefined && !isMissing; script = waiting.shift()) {
          if (signal.aborted) return;
          try {
            const answer = await run(script, signal);
            if (answer === 'no program') isMissing = true;
            else keep(keyOf(script), answer);
            news ||= answer !== 'no program';
          } catch (error) {
            if (signal.aborted) return;
            failed(error);
            keep(keyOf(script), []); // it would fail again
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return news;
    },
  };
}

function keyOf({ dialect, text, variables }: ShellScript): string {
  return `${dialect}\0${variables.join(' ')}\0${text}`;
}
