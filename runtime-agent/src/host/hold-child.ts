import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** Whether the engine's process stays for a child and its streams, which are pipes. */
export function holdChild(child: ChildProcess, held: boolean): void {
  for (const one of [child, child.stdin as Socket | null, child.stdout as Socket | null]) {
    if (held) one?.ref();
    else one?.unref();
  }
}
