import { QUIET_SETTINGS } from '../world/ide-server.ts';

/** What a person's VS Code begins with. The README of the folder says what to do first. */
export const START_SETTINGS: Readonly<Record<string, unknown>> = {
  ...QUIET_SETTINGS,
  'workbench.startupEditor': 'readme',
};
