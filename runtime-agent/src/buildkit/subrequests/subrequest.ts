/** What is asked about a Dockerfile that is not built, and the answer. */
import type { StagedDockerfile } from '#model/dockerfile/stages.ts';

export interface AskedDockerfile {
  readonly name: string;
  readonly text: string;
  readonly dockerfile: StagedDockerfile;
  /** The text of .dockerignore; undefined when there is none. */
  readonly ignoreFile: string | undefined;
  readonly target: string;
  /** Build arguments. */
  readonly given: Readonly<Record<string, string>>;
}

export interface SubrequestResult {
  readonly json: unknown;
  readonly text: string;
  readonly code?: number;
}
