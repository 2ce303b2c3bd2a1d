/** For programs that must not outlive the process that started them, even when it has no time to end them properly. */

/**
 * Runs `stop` when this process exits, however it comes to that, but for signals.
 * @returns what takes it back, for when the program has been ended
 */
export function atExit(stop: () => void): () => void {
  process.once('exit', stop);
  return () => void process.off('exit', stop);
}
