/** The sample's API as it runs in a container. */
import { setTimeout as sleep } from 'node:timers/promises';
import { tryDocker } from './docker.ts';
import type { TestEngine } from './engine.ts';

/** Asks the API from within its container. @returns the body; undefined while nothing answers */
export async function askIn(
  engine: Pick<TestEngine, 'url'>,
  container: string,
  path: string,
): Promise<string | undefined> {
  const script = `fetch('http://127.0.0.1:3000${path}').then(r => r.text()).then(t => process.stdout.write(t))`;
  const { code, stdout } = await tryDocker(engine, ['exec', container, 'node', '-e', script]);
  return code === 0 ? stdout : undefined;
}

/** Asks until the answer is the wanted one. @returns after how many milliseconds it was */
export async function answersIn(
  engine: Pick<TestEngine, 'url'>,
  container: string,
  path: string,
  wanted: RegExp,
  timeoutMs = 20_000,
): Promise<number> {
  const started = Date.now();
  for (;;) {
    const answer = await askIn(engine, container, path);
    if (answer !== undefined && wanted.test(answer)) return Date.now() - started;
    if (Date.now() - started > timeoutMs)
      throw new Error(`${path} in ${container} never answered ${wanted}: ${answer}`);
    await sleep(50);
  }
}
