/** The command behind “Turn off … in settings”, a code action of the language server. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Command } from './command.ts';
import type { CommandDeps } from './deps.ts';

const PLACES = { folder: 'this folder', workspace: 'this workspace', user: 'all your workspaces' };

export const turnRuleOffCommand: Command<CommandDeps> = {
  id: 'slipway.turnRuleOff',
  title: 'Turn Off Rule',
  palette: 'never',
  async handler(deps, uri, _selection, args = []) {
    const [, rule] = args;
    if (typeof uri !== 'string' || typeof rule !== 'string') {
      throw new EngineError('invalid', 'Choose “Turn off … in settings” among the quick fixes of a problem.');
    }
    const { where, undo } = await deps.turnRuleOff(uri, rule);
    deps.ui.info(`${rule} is off in the settings of ${PLACES[where]}.`, { label: 'Undo', run: undo });
  },
};
