/** Every command of the extension: package.json is generated from this list. */
import { debugCommands } from '../debug/commands.ts';
import { devContainerCommands } from '../devcontainer/commands.ts';
import { buildStageCommand } from './build-stage.ts';
import { composeUpCommand } from './compose-up.ts';
import { containerCommands } from './containers.ts';
import { fileCommands } from './files.ts';
import { hostCommands } from './hosts.ts';
import { imageCommands } from './images.ts';
import { portCommands } from './ports.ts';
import { projectCommands } from './projects.ts';
import { storageCommands } from './storage.ts';
import { turnRuleOffCommand } from './turn-rule-off.ts';

/** Those that work on hosts and what is on them. */
export const resourceCommands = [
  ...hostCommands,
  ...containerCommands,
  ...projectCommands,
  ...portCommands,
  ...fileCommands,
  ...imageCommands,
  ...storageCommands,
  buildStageCommand,
  composeUpCommand,
  turnRuleOffCommand,
];

/** Those that work on the folders open in the editor, too. */
export const workspaceCommands = [...devContainerCommands, ...debugCommands];

export const allCommands = [...resourceCommands, ...workspaceCommands];
