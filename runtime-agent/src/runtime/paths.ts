/** Where the runtime keeps what lives only as long as the machine runs, under the exec root. */
import path from 'node:path';

export interface RuntimePaths {
  /** State of the OCI runtime. */
  readonly root: string;
  /** conmon leaves the exit code of a container here, in a file named after its id. */
  readonly exits: string;
  readonly bundles: string;
}

export function runtimePaths(execRoot: string): RuntimePaths {
  return {
    root: path.join(execRoot, 'oci'),
    exits: path.join(execRoot, 'exits'),
    bundles: path.join(execRoot, 'bundles'),
  };
}
