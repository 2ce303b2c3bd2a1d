/** What a build tells of itself, as the vertexes that BuildKit's clients show, for as many listeners as come. */
import { createHash } from 'node:crypto';
import type { DockerfileText } from '../../build/client-files.ts';
import { failureCause } from '../../build/failure-cause.ts';
import type { Watch, WatchEvent } from '../../build/watch.ts';
import type { StatusResponse } from '../messages/control.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { timestampOf } from './timestamp.ts';

export type Told = Partial<ValueOf<typeof StatusResponse>>;

export interface StatusLog {
  readonly watch: Watch;
  /** What is built, once it is known. */
  dockerfile(): DockerfileText | undefined;
  /** What was told so far. */
  told(): readonly Told[];
  /** Nothing more will be told. */
  end(): void;
  /** From the beginning, until the end. What came at the same time comes together. */
  read(signal: AbortSignal): AsyncIterable<Told>;
}

interface Task {
  readonly digest: string;
  readonly name: string;
  readonly inputs: string[];
  started: number | undefined;
  /** It has ended well: done again for another's sake, it is not told again. */
  isDone: boolean;
  readonly parts: Map<string, number>;
}

export interface StatusLogOptions {
  /** Of the build: tasks of two builds are never the same. */
  readonly ref: string;
  readonly messageOf: (error: unknown) => string;
  readonly now?: () => number;
}

export function createStatusLog(options: StatusLogOptions): StatusLog {
  const told: Told[] = [];
  const tasks = new Map<string, Task>();
  const wakers = new Set<() => void>();
  let over = false;
  let dockerfile: DockerfileText | undefined;
  const wake = (): void => {
    for (const one of wakers) one();
  };
  const watch: Watch = (event) => {
    if (event.kind === 'dockerfile') dockerfile = event.file;
    const one = event.kind === 'warning' ? warn(event, tasks, dockerfile) : statusOf(event, tasks, options);
    if (one === undefined || over) return;
    told.push(one);
    wake();
  };
  return {
    watch,
    dockerfile: () => dockerfile,
    told: () => told,
    end() {
      over = true;
      wake();
    },
    async *read(signal) {
      for (let at = 0; ; ) {
        if (at < told.length) {
          const fresh = told.slice(at);
          at = told.length;
          yield together(fresh);
          continue;
        }
        if (over || signal.aborted) return;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            wakers.delete(done);
            signal.removeEventListener('abort', done);
            resolve();
          };
          wakers.add(done);
          signal.addEventListener('abort', done);
        });
      }
    },
  };
}

function together(parts: readonly Told[]): Told {
  return {
    vertexes: parts.flatMap(({ vertexes = [] }) => vertexes),
    statuses: parts.flatMap(({ statuses = [] }) => statuses),
    logs: parts.flatMap(({ logs = [] }) => logs),
    warnings: parts.flatMap(({ warnings = [] }) => warnings),
  };
}

function statusOf(event: WatchEvent, tasks: Map<string, Task>, options: StatusLogOptions): Told | undefined {
  const { ref, messageOf, now = Date.now } = options;
  if (event.kind === 'task') return tasks.get(event.id)?.isDone ? undefined : startTask(event, tasks, ref);
  const task = 'id' in event ? tasks.get(event.id) : undefined;
  if (task === undefined || task.isDone) return undefined;
  const { digest, name, inputs } = task;
  const at = now();
  switch (event.kind) {
    case 'started':
      task.started = at;
      return { vertexes: [{ digest, name, inputs, started: timestampOf(at) }] };
    case 'ended': {
      const started = timestampOf(task.started ?? at);
      const error = event.error === undefined ? '' : messageOf(event.error);
      task.isDone = error === '';
      const { words } = failureCause(event.error).unstarted ?? {};
      // The runtime's words are what the command said.
      const logs = words === undefined ? [] : [logOf(digest, at, 'stderr', Buffer.from(`runc run failed: ${words}\n`))];
      return {
        logs,
        vertexes: [{ digest, name, inputs, started, completed: timestampOf(at), cached: event.cached ?? false, error }],
      };
    }
    case 'output':
      return { logs: [logOf(digest, at, event.stream, event.chunk)] };
    case 'part': {
      const started = task.parts.get(event.part) ?? at;
      task.parts.set(event.part, started);
      const { part, current = 0, total = 0, done } = event;
      const times = { timestamp: timestampOf(at), started: timestampOf(started) };
      const completed = done ? { completed: timestampOf(at) } : {};
      return { statuses: [{ ID: part, vertex: digest, name: part, current, total, ...times, ...completed }] };
    }
    case 'dockerfile':
    case 'warning':
      return undefined;
  }
}

function logOf(vertex: string, at: number, stream: 'stdout' | 'stderr', msg: Buffer) {
  return { vertex, timestamp: timestampOf(at), stream: stream === 'stderr' ? 2 : 1, msg };
}

function startTask(
  { id, name, inputs }: Extract<WatchEvent, { kind: 'task' }>,
  tasks: Map<string, Task>,
  ref: string,
): Told {
  const digest = `sha256:${createHash('sha256').update(`${ref} ${id}`).digest('hex')}`;
  const known = inputs.flatMap((input) => tasks.get(input)?.digest ?? []);
  tasks.set(id, { digest, name, inputs: known, started: undefined, isDone: false, parts: new Map() });
  return { vertexes: [{ digest, name, inputs: known }] };
}

/** A warning needs a vertex: the first one, which reads the Dockerfile. */
function warn(
  { text, check }: Extract<WatchEvent, { kind: 'warning' }>,
  tasks: ReadonlyMap<string, Task>,
  file: DockerfileText | undefined,
): Told | undefined {
  const [first] = tasks.values();
  if (first === undefined) return undefined;
  const warning = { vertex: first.digest, level: 1, short: Buffer.from(text) };
  if (check === undefined || file === undefined) return { warnings: [warning] };
  const { title, url, line, lastLine } = check;
  const info = { filename: file.name, data: Buffer.from(file.text), language: 'Dockerfile' };
  const ranges = [{ start: { line }, end: { line: lastLine } }];
  return { warnings: [{ ...warning, detail: [Buffer.from(title)], url, info, ranges }] };
}
