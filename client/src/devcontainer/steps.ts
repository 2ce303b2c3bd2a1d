/** How the long way to a dev container tells where it is. */
export interface Steps {
  readonly signal: AbortSignal;
  /** A new step: a headline in the log, and in the progress notification. */
  begin(title: string): void;
  /** Where the present step is. */
  report(message: string, percent?: number): void;
  /** Output as it comes, for the log. */
  log(text: string): void;
}
