import type { Steps } from './steps.ts';

/**
 * Two long steps at the same time, told of together. When one fails the other is ended, and only the first failure is
 * thrown, after both have come to their end.
 */
export async function sideBySide<A, B>(
  steps: Steps,
  one: (steps: Steps) => Promise<A>,
  other: (steps: Steps) => Promise<B>,
): Promise<readonly [A, B]> {
  const failed = new AbortController();
  const said = new Map<string, string>();
  let failure: unknown;
  const run = async <T>(name: string, work: (steps: Steps) => Promise<T>): Promise<T> => {
    try {
      return await work(part(name));
    } catch (error) {
      if (!failed.signal.aborted) failure = error;
      failed.abort();
      throw error;
    } finally {
      said.delete(name);
    }
  };
  const tell = (name: string, message: string, percent?: number): void => {
    said.set(name, message);
    // How far both are together nobody knows.
    steps.report([...said.values()].join(' · '), said.size === 1 ? percent : undefined);
  };
  const part = (name: string): Steps => ({
    signal: AbortSignal.any([steps.signal, failed.signal]),
    begin(title) {
      steps.begin(title);
      tell(name, title);
    },
    report: (message, percent) => tell(name, message, percent),
    log: steps.log,
  });
  const [first, second] = await Promise.allSettled([run('one', one), run('other', other)]);
  if (first.status === 'rejected' || second.status === 'rejected') throw failure;
  return [first.value, second.value];
}
