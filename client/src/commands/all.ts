/** Every command of the extension: package.json is generated from this list. */
import { containerCommands } from './containers.ts';
import { hostCommands } from './hosts.ts';
import { imageCommands } from './images.ts';
import { storageCommands } from './storage.ts';

/** Those that work on hosts and what is on them. */
export const resourceCommands = [...hostCommands, ...containerCommands, ...imageCommands, ...storageCommands];

export const allCommands = [...resourceCommands];
