/** One build that two engines do the same way, or not. */

/** A file of the context: its content, or what else it is. */
export type ContextEntry =
  | string
  | {
      readonly content?: string | Buffer;
      /** Permission bits; default 0644, 0755 for directories. */
      readonly mode?: number;
      readonly link?: string;
      /** Another entry's path. */
      readonly hardLink?: string;
      readonly directory?: true;
      readonly fifo?: true;
      /** Seconds; default CONTEXT_TIME. */
      readonly time?: number;
    };

export interface BuildCase {
  readonly name: string;
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, ContextEntry>>;
  /** More arguments for `docker build`. */
  readonly args?: readonly string[];
  /** The Dockerfile's path in the context; default `Dockerfile`. */
  readonly file?: string;
  /** Why both engines rightly differ: told, not compared. */
  readonly differs?: string;
  /** The same for docker's classic client only, which sends less than our own. */
  readonly differsByClient?: string;
}

/** Seconds: all files of a context are of this time. */
export const CONTEXT_TIME = 1_700_000_000;

/** The base image of the cases, under a name that nobody else uses. */
export const BASE = 'conformance-busybox';
