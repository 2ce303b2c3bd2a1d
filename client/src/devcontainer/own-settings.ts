/**
 * What a person has set in this window, for the editor in the container: it is another server with settings of its own,
 * and opening a dev container should not change theme, font and habits.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'jsonc-parser';

type Settings = Readonly<Record<string, unknown>>;

/** A new window in the middle of work: it opens on the files, not on a welcome page. */
const QUIET: Settings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** Keys that say something about this machine, which is not where the editor in the container runs. */
const OF_THIS_MACHINE = /^(slipway|remote|terminal\.integrated\.(env|profiles|defaultProfile))\./;

/**
 * @param globalStorage the extension's global storage folder, `…/User/globalStorage/<id>`
 * @returns the person's settings; without a readable settings file only what keeps the window quiet
 */
export async function ownSettings(globalStorage: string): Promise<Settings> {
  const file = path.join(globalStorage, '..', '..', 'settings.json');
  const value: unknown = parse(await readFile(file, 'utf8').catch(() => '{}'));
  const own = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const kept = Object.entries(own).filter(([name]) => !OF_THIS_MACHINE.test(name));
  return { ...QUIET, ...Object.fromEntries(kept) };
}
