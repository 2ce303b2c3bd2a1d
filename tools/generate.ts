/**
 * `npm run generate`: writes package.json's `contributes` and `activationEvents` from the command tables and
 * contributes.ts, and docs/engine-api-coverage.md. With `--check` it only says whether that would change anything.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allCommands } from '../client/src/commands/all.ts';
import type { Command, CommandPlace } from '../client/src/commands/command.ts';
import { LANGUAGES, SETTINGS, VIEW_CONTAINERS, VIEWS, VIEWS_WELCOME, WALKTHROUGHS } from './contributes.ts';

const manifestFile = path.resolve(import.meta.dirname, '../package.json');

type AnyCommand = Pick<Command<never>, 'id' | 'title' | 'icon' | 'places' | 'palette' | 'enablement'>;

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

/** The text that package.json should have. */
export function generatedManifest(current: string, commands: readonly AnyCommand[] = allCommands): string {
  const manifest = JSON.parse(current) as Record<string, unknown>;
  const next = {
    ...manifest,
    activationEvents: ['onStartupFinished'],
    contributes: {
      commands: commands.map(commandEntry),
      configuration: { title: 'Slipway', properties: SETTINGS },
      languages: LANGUAGES,
      menus: menus(commands),
      viewsContainers: VIEW_CONTAINERS,
      views: VIEWS,
      viewsWelcome: VIEWS_WELCOME,
      walkthroughs: WALKTHROUGHS,
    },
  };
  return `${JSON.stringify(next, undefined, 2)}\n`;
}

function commandEntry({ id, title, icon, enablement }: AnyCommand): object {
  return {
    command: id,
    title,
    category: 'Slipway',
    ...(icon === undefined ? {} : { icon: `$(${icon})` }),
    ...(enablement === undefined ? {} : { enablement }),
  };
}

function menus(commands: readonly AnyCommand[]): Record<string, MenuItem[]> {
  const result: Record<string, MenuItem[]> = { commandPalette: [] };
  for (const { id, palette, places = [] } of commands) {
    if (palette !== undefined) {
      result['commandPalette']?.push({ command: id, when: palette === 'never' ? 'false' : palette });
    }
    for (const place of places) (result[place.menu] ??= []).push(menuItem(id, place));
  }
  return result;
}

function menuItem(command: string, place: CommandPlace): MenuItem {
  const group = place.group === undefined ? {} : { group: place.group };
  switch (place.menu) {
    case 'view/title':
      return { command, when: and(`view == ${place.view}`, place.when), ...group };
    case 'view/item/context':
      return { command, when: and(`view == ${place.view} && viewItem =~ /${place.item}/`, place.when), ...group };
    case 'explorer/context':
    case 'editor/title':
    case 'editor/context':
      return { command, when: place.when, ...group };
  }
}

function and(first: string, second: string | undefined): string {
  return second === undefined ? first : `${first} && ${second}`;
}

if (import.meta.main) {
  const current = readFileSync(manifestFile, 'utf8');
  const wanted = generatedManifest(current);
  if (current === wanted) console.log('generate: package.json is up to date');
  else if (process.argv.includes('--check')) {
    console.error("generate: package.json is not what the command tables say: run 'npm run generate'");
    process.exitCode = 1;
  } else {
    writeFileSync(manifestFile, wanted);
    console.log('generate: package.json written');
  }
  // In a process of its own: nothing in tools/ imports tests.
  const coverage = path.resolve(import.meta.dirname, '../test/conformance/coverage/main.ts');
  const { status } = spawnSync(process.execPath, [coverage, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
