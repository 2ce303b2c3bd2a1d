/** A build context that stays with the client: what the build needs of it comes when it is known. */
import type { ReceivedContext } from './context/receive-context.ts';

export interface DockerfileText {
  /** For people. */
  readonly name: string;
  readonly text: string;
}

export interface ClientFiles {
  dockerfile(): Promise<DockerfileText>;
  /** The text of the context's ignore file; undefined when there is none. After the Dockerfile, which may have its own. */
  ignoreFile(): Promise<string | undefined>;
  /**
   * The files that ignore files let through.
   * @param paths only these and what is below them, wildcards as in COPY; undefined: all
   */
  context(paths: readonly string[] | undefined): Promise<ReceivedContext>;
}
