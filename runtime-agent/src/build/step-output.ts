/**
 * The text of a build in the classic builder's form. Stages run side by side, but people read them in the Dockerfile's
 * order: what a later step says is held back until those before it have ended.
 */
import { StringDecoder } from 'node:string_decoder';
import type { PlannedStage } from './plan/work.ts';
import { stepId } from './step-id.ts';

export interface StepOutput {
  /** A RUN's container has been started. */
  started(step: string, containerId: string): void;
  write(step: string, stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** @param id of the state or image that the step led to; '' for none */
  done(step: string, outcome: { readonly cached: boolean; readonly id: string }): void;
  /** Says what is held back: the build has failed. */
  flush(): void;
}

interface Entry {
  readonly title: string;
  /** Steps that it still waits for. */
  readonly open: Set<string>;
  /** Undefined when it is not being held back any more. */
  held: string[] | undefined;
  containerId: string | undefined;
}

const RED = '\u001B[91m';
const RESET = '\u001B[0m';

interface Layout {
  readonly entries: readonly Entry[];
  /** By step. */
  readonly entryOf: ReadonlyMap<string, Entry>;
  /** Number of ONBUILD instructions by the step of a stage's base. */
  readonly triggersOf: ReadonlyMap<string, number>;
}

/** One entry per instruction; a FROM's goes on until the last of its ONBUILD instructions has ended. */
function layOut(globals: readonly string[], stages: readonly PlannedStage[]): Layout {
  const entries: Entry[] = [];
  const entryOf = new Map<string, Entry>();
  const triggersOf = new Map<string, number>();
  const add = (title: string, steps: readonly string[]): void => {
    const entry: Entry = { title, open: new Set(steps), held: [], containerId: undefined };
    entries.push(entry);
    for (const step of steps) entryOf.set(step, entry);
  };
  for (const title of globals) add(title, []);
  for (const stage of stages) {
    const triggers = stage.steps.filter(({ isTrigger }) => isTrigger).length;
    triggersOf.set(stepId(stage.index, 0), triggers);
    const own = triggers + stage.steps.filter(({ isBase }) => isBase).length;
    add(
      stage.original,
      Array.from({ length: own + 1 }, (_, i) => stepId(stage.index, i)),
    );
    stage.steps.slice(own).forEach((step, i) => add(step.original, [stepId(stage.index, own + i + 1)]));
  }
  return { entries, entryOf, triggersOf };
}

/** @param globals ARG instructions before the first FROM, as written @param keeps containers that have ended stay */
export function createStepOutput(
  globals: readonly string[],
  stages: readonly PlannedStage[],
  emit: (text: string) => void,
  keeps = false,
): StepOutput {
  const { entries, entryOf, triggersOf } = layOut(globals, stages);
  const decoders = new Map<string, StringDecoder>();
  let next = 0;
  const open = (entry: Entry): void => {
    emit(`Step ${entries.indexOf(entry) + 1}/${entries.length} : ${entry.title}\n`);
    for (const text of entry.held ?? []) emit(text);
    entry.held = undefined;
  };
  /** Goes on to the first entry that is not over. */
  const advance = (): void => {
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      if (entry.held !== undefined) open(entry);
      if (entry.open.size > 0) return;
      next++;
    }
  };
  const say = (step: string, text: string): void => {
    const entry = entryOf.get(step);
    if (entry?.held === undefined) emit(text);
    else entry.held.push(text);
  };
  advance();

  return {
    started(step, containerId) {
      const entry = entryOf.get(step);
      if (entry !== undefined) entry.containerId = containerId;
      say(step, ` ---> Running in ${containerId.slice(0, 12)}\n`);
    },
    write(step, stream, chunk) {
      const key = `${step} ${stream}`;
      const decoder = decoders.get(key) ?? new StringDecoder('utf8');
      decoders.set(key, decoder);
      const text = decoder.write(chunk);
      if (text !== '') say(step, stream === 'stderr' ? RED + text + RESET : text);
    },
    done(step, { cached, id }) {
      const entry = entryOf.get(step);
      if (entry === undefined) return;
      const { containerId } = entry;
      if (cached) say(step, ' ---> Using cache\n');
      else if (containerId !== undefined && !keeps)
        say(step, ` ---> Removed intermediate container ${containerId.slice(0, 12)}\n`);
      entry.containerId = undefined;
      if (id !== '') say(step, ` ---> ${id.replace('sha256:', '').slice(0, 12)}\n`);
      const triggers = triggersOf.get(step) ?? 0;
      if (triggers > 0) say(step, `# Executing ${triggers} build trigger${triggers === 1 ? '' : 's'}\n`);
      entry.open.delete(step);
      advance();
    },
    flush() {
      for (const entry of entries) if (entry.held !== undefined && entry.held.length > 0) open(entry);
    },
  };
}
