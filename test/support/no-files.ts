/** For commands that look at no files of containers. */
import type { FilesPort } from '../../client/src/commands/deps.ts';

export const NO_FILES: FilesPort = {
  of: () => {
    throw new Error('no files in this test');
  },
  show: async () => undefined,
  refresh: () => undefined,
};
