/** Memory of an engine with all its helpers, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import type { EnginePeer } from './peers/engine-peer.ts';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'latin1') }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

/** The daemon, what descends from it, and the shims and proxies that its containers run under; not the containers. */
function engineProcesses(engine: Pick<EnginePeer, 'pid' | 'mark'>): number[] {
  const all = processes();
  const own = new Set([engine.pid()]);
  for (let size = 0; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  for (const { pid, command } of all) if (command.includes(engine.mark)) own.add(pid);
  return [...own];
}

function field(pid: number, file: string, name: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Megabytes, shared pages counted for each process: what `ps` shows. */
export function residentMemory(engine: Pick<EnginePeer, 'pid' | 'mark'>): number {
  return engineProcesses(engine).reduce((sum, pid) => sum + field(pid, 'status', 'VmRSS'), 0);
}

/** Megabytes, pages that several processes share counted in parts: adds up when there are many of one kind. */
export function proportionalMemory(engine: Pick<EnginePeer, 'pid' | 'mark'>): number {
  return engineProcesses(engine).reduce((sum, pid) => sum + field(pid, 'smaps_rollup', 'Pss'), 0);
}
