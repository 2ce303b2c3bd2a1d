/** The log of one run on its way. */
export interface LogShipping {
  /** Stops at once; what was not sent is sent when the container, or the engine, starts again. */
  stop(): Promise<void>;
  /** The container has ended: what is left may take as long as Docker gives it. */
  finish(): void;
}
