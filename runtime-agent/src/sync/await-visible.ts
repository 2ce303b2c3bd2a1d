import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VisibleResult } from '#model/slipway-api/workspaces.ts';
import { openFile } from './file-content.ts';
import { resolveInRoot } from './resolve-in-root.ts';

export interface AwaitVisible {
  /** The container's root as the engine reaches it: /proc/PID/root. */
  readonly root: string;
  /** As the container sees it. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

/** Waits until the file has that content inside the container; `visible: false` when the time is over first. */
export async function awaitVisible(wanted: AwaitVisible, signal: AbortSignal): Promise<VisibleResult> {
  const started = performance.now();
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const visible = (await hashInside(wanted)) === wanted.sha256;
    const waitedMs = performance.now() - started;
    if (visible || waitedMs >= wanted.timeoutMs) return { visible, waitedMs };
    await sleep(Math.min(pause, wanted.timeoutMs - waitedMs), undefined, { signal });
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function hashInside({ root, path }: AwaitVisible): Promise<string | undefined> {
  try {
    await using handle = await openFile(await resolveInRoot(root, path), constants.O_RDONLY);
    const hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
    }
    return hash.digest('hex');
  } catch {
    return undefined; // not there yet, or being replaced
  }
}
