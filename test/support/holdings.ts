/** What an engine holds of the host at one moment, so that a test can tell what a stretch of work has left behind. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineNames } from '../../runtime-agent/src/network/names.ts';
import type { TestEngine } from './engine.ts';

/** What there is of each kind; names where they mean something to who reads that there is one too many. */
export type Holdings = Readonly<Record<string, readonly string[]>>;

/** Images, the build cache and the logs of SQLite grow by design. */
const GROWING = /^(content|snapshots|build|tmp|state\.db.*)$/;
const DEPTH = 3;
const SETTLE_MS = 10_000;
/** Connections of clients that have just ended, and readers that come and go. */
const FILES_ALLOWED = 5;

const run = (program: string, ...args: string[]): string => spawnSync(program, args, { encoding: 'utf8' }).stdout;

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function text(file: string, read: (file: string) => string = (name) => readFileSync(name, 'utf8')): string {
  try {
    return read(file);
  } catch {
    return '';
  }
}

function paths(directory: string, depth = DEPTH): string[] {
  return entries(directory)
    .filter((name) => !GROWING.test(name))
    .flatMap((name) => [
      path.join(directory, name),
      ...(depth > 1 ? paths(path.join(directory, name), depth - 1) : []),
    ]);
}

/** Links on the default bridge and on those of networks, with the bridges themselves. */
function links(defaultBridge: string, networks: readonly string[]): string[] {
  const bridges = [defaultBridge, ...networks];
  return bridges.flatMap((bridge) => [
    ...(text(`/sys/class/net/${bridge}/address`) === '' ? [] : [bridge]),
    ...entries(`/sys/class/net/${bridge}/brif`),
  ]);
}

function processes(engine: TestEngine): string[] {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== engine.pid)
    .map((pid) => ({
      command: text(`/proc/${pid}/cmdline`).replaceAll('\0', ' '),
      parent: /^PPid:\s+(\d+)/m.exec(text(`/proc/${pid}/status`))?.[1],
    }))
    .filter(({ command, parent }) => command.includes(engine.dataRoot) || parent === String(engine.pid))
    .map(({ command }) => command);
}

/** @param networks names of bridges that networks have had meanwhile */
function holdingsOf(engine: TestEngine, networks: readonly string[] = []): Holdings {
  const { table, defaultBridge } = engineNames(engine.dataRoot);
  const mounts = text(`/proc/${engine.pid}/mountinfo`).split('\n');
  const fds = `/proc/${engine.pid}/fd`;
  const rules = run('nft', 'list', 'table', 'inet', table).split('\n');
  return {
    mounts: mounts.map((line) => line.split(' ')[4] ?? '').filter((target) => target.startsWith(engine.dataRoot)),
    links: links(defaultBridge, networks),
    // A set's elements stand on one line, however many they are.
    rules: rules.flatMap((line) => line.split(/,(?=\s)/)).map((line) => line.trim()),
    processes: processes(engine),
    paths: paths(engine.dataRoot),
    files: entries(fds).map((fd) => text(path.join(fds, fd), (file) => readlinkSync(file))),
  };
}

/** Those that were not there before, or more often than before. */
function added(before: readonly string[], after: readonly string[]): string[] {
  const rest = [...before];
  return after.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** One line for each kind of which there is more. */
function grown(before: Holdings, after: Holdings): string[] {
  return Object.entries(after)
    .filter(([kind, now]) => now.length > (before[kind]?.length ?? 0) + (kind === 'files' ? FILES_ALLOWED : 0))
    .map(([kind, now]) => {
      const was = before[kind] ?? [];
      return `${kind}: ${was.length} before, ${now.length} after, such as ${added(was, now).slice(0, 10).join(', ')}`;
    });
}

/**
 * Begins to watch. The engine must have done once what it does at first use, and be at rest.
 * @returns tells what is there more, one line for each kind, after what goes in the background has had its time
 */
export async function watchHoldings(engine: TestEngine): Promise<(networks?: readonly string[]) => Promise<string[]>> {
  const before = await settled(engine);
  return async (networks = []) => {
    const deadline = Date.now() + SETTLE_MS;
    let more = grown(before, holdingsOf(engine, networks));
    while (more.length > 0 && Date.now() < deadline) {
      await sleep(200);
      more = grown(before, holdingsOf(engine, networks));
    }
    return more;
  };
}

/** The ready namespaces are made while the engine already answers. */
async function settled(engine: TestEngine): Promise<Holdings> {
  const deadline = Date.now() + SETTLE_MS;
  for (let last = holdingsOf(engine); ; ) {
    await sleep(500);
    const now = holdingsOf(engine);
    if (Date.now() > deadline || Object.keys(now).every((kind) => now[kind]?.length === last[kind]?.length)) return now;
    last = now;
  }
}
