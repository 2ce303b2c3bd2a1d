/** Registers command tables with VS Code; whatever a handler throws is shown once, here. */
import * as vscode from 'vscode';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Command } from '../commands/command.ts';
import type { Ui } from './ui.ts';

export function registerCommands<Deps>(commands: readonly Command<Deps>[], deps: Deps, ui: Ui): vscode.Disposable[] {
  return commands.map(({ id, handler }) =>
    vscode.commands.registerCommand(id, async (...args: readonly unknown[]) => {
      const [target, selection] = args;
      try {
        await handler(deps, target, Array.isArray(selection) ? selection : undefined, args);
      } catch (error) {
        if (error instanceof EngineError && error.code === 'cancelled') return;
        if (error instanceof Error && error.cause instanceof Error) ui.log(`cause: ${messageOf(error.cause)}`);
        ui.error(messageOf(error));
      }
    }),
  );
}
