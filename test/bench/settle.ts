import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const SETTLE_MS = 5000;

/** What earlier rounds wrote is not written during this one; what others write all the time is not waited for. */
export async function settle(): Promise<void> {
  await Promise.race([promisify(execFile)('sync'), sleep(SETTLE_MS, undefined, { ref: false })]);
}
