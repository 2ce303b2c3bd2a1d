import type { BuildArguments } from './build-arguments.ts';
import type { FilesFrom } from './work.ts';

/** What planning one instruction needs beside the stage's draft. */
export interface Dispatch {
  readonly args: BuildArguments;
  /** Expands variables. Throws EngineError('invalid'). */
  readonly expand: (text: string) => string;
  /** The same, split into words. */
  readonly words: (text: string) => string[];
  /** Expands a here-document's content: quotes stay. */
  readonly document: (text: string) => string;
  /** What a `from` means in this stage. */
  readonly from: (name: string, isMount: boolean) => FilesFrom;
}
