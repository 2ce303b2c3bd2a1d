/** A container engine to measure, in a process of its own with data of its own. */
import type { BenchApi } from '../api.ts';

export interface EnginePeer extends AsyncDisposable {
  readonly name: string;
  /** Name and version, and those of the programs it starts where they matter. */
  readonly version: string;
  readonly api: BenchApi;
  readonly socket: string;
  /** The engine's own process. */
  pid(): number;
  /** What the command lines of its helpers (shims, proxies) mention, and no other process's does. */
  readonly mark: string;
  /** Its network namespace, where it has one of its own. */
  readonly namespace?: string;
  /** Ends the engine as a crash does and starts it again, until it answers; containers live on. */
  crash(): Promise<void>;
}
