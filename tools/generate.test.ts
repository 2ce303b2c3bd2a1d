import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { OverallState } from '../client/src/views/status.ts';
import { generatedManifest } from './generate.ts';

type Menus = Record<string, { command: string; when?: string; group?: string }[]>;

interface Manifest {
  readonly name: string;
  readonly scripts: object;
  readonly activationEvents: string[];
  readonly contributes: {
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly id: string;
        readonly description: string;
        readonly media: { readonly markdown: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly commands: { readonly command: string; readonly icon?: string; readonly category: string }[];
    readonly menus: Menus;
    readonly views: object;
    readonly viewsWelcome: { readonly view: string; readonly when?: string; readonly contents: string }[];
    readonly configuration: {
      readonly properties: Record<string, { readonly default: unknown; readonly markdownDescription: string }>;
    };
  };
}

function generate(...commands: Parameters<typeof generatedManifest>[1] & object): Manifest {
  const current = JSON.stringify({ name: 'x', contributes: { old: 1 }, scripts: { build: 'b' } });
  return JSON.parse(generatedManifest(current, commands)) as Manifest;
}

test('what is not generated stays, what was generated before does not', () => {
  const manifest = generate();
  assert.deepEqual([manifest.name, manifest.scripts], ['x', { build: 'b' }]);
  assert.ok(!('old' in manifest.contributes));
});

test('a command, its icon and its places', () => {
  const { contributes } = generate({
    id: 'slipway.stop',
    title: 'Stop',
    icon: 'debug-stop',
    palette: 'slipway.connected',
    places: [
      { menu: 'view/title', view: 'v', group: 'navigation@1', when: 'a' },
      { menu: 'view/item/context', view: 'v', item: String.raw`^container\b` },
      { menu: 'explorer/context', when: 'resourceFilename == compose.yaml', group: 'g' },
    ],
  });
  assert.deepEqual(contributes.commands, [
    { command: 'slipway.stop', title: 'Stop', category: 'Slipway', icon: '$(debug-stop)' },
  ]);
  assert.deepEqual(contributes.menus, {
    commandPalette: [{ command: 'slipway.stop', when: 'slipway.connected' }],
    'view/title': [{ command: 'slipway.stop', when: 'view == v && a', group: 'navigation@1' }],
    'view/item/context': [{ command: 'slipway.stop', when: String.raw`view == v && viewItem =~ /^container\b/` }],
    'explorer/context': [{ command: 'slipway.stop', when: 'resourceFilename == compose.yaml', group: 'g' }],
  });
});

test('a command that needs a clicked row is not in the palette; one without conditions always is', () => {
  const { contributes } = generate(
    { id: 'slipway.never', title: 'N', palette: 'never' },
    { id: 'slipway.always', title: 'A', enablement: 'x' },
  );
  assert.deepEqual(contributes.menus, { commandPalette: [{ command: 'slipway.never', when: 'false' }] });
  assert.deepEqual(contributes.commands[1], {
    command: 'slipway.always',
    title: 'A',
    category: 'Slipway',
    enablement: 'x',
  });
});

test('the real manifest: welcome buttons lead to commands, views exist, settings say what they do', () => {
  const { contributes } = JSON.parse(generatedManifest('{}')) as Manifest;
  const ids = new Set(contributes.commands.map(({ command }) => command));
  const views = Object.values(contributes.views).flatMap((list) => (list as { id: string }[]).map(({ id }) => id));
  for (const { view, contents } of contributes.viewsWelcome) {
    assert.ok(views.includes(view), view);
    for (const [, id = ''] of contents.matchAll(/command:(slipway\.[\w.]+)/g)) assert.ok(ids.has(id), id);
  }
  for (const item of Object.values(contributes.menus).flat()) {
    assert.ok(ids.has(item.command), item.command);
    const [, view] = /view == ([\w.]+)/.exec(item.when ?? '') ?? [];
    assert.ok(view === undefined || views.includes(view), view);
  }
  for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
    assert.match(name, /^slipway\./);
    assert.ok('default' in setting && setting.markdownDescription.endsWith('.'), name);
  }
});

test('no view is ever blank: each says what is the matter, whatever state the hosts are in', () => {
  const { viewsWelcome } = (JSON.parse(generatedManifest('{}')) as Manifest).contributes;
  const states: readonly OverallState[] = ['none', 'connecting', 'lost', 'unread', 'connected'];
  const starting = viewsWelcome.filter(({ when }) => when === '!slipway.state').map(({ view }) => view);
  assert.deepEqual(
    starting.toSorted(),
    ['containers', 'hosts', 'images', 'networks', 'volumes'].map((view) => `slipway.${view}`),
  );
  for (const view of ['containers', 'images', 'volumes', 'networks']) {
    for (const state of states) {
      if (view === 'networks' && state === 'connected') continue; // every engine has some
      const words = viewsWelcome.filter(
        (welcome) => welcome.view === `slipway.${view}` && welcome.when?.startsWith(`slipway.state == ${state}`),
      );
      assert.ok(words.length > 0, `${view}: ${state}`);
      const yet = words.some(({ contents }) => contents.includes('There is no'));
      assert.equal(yet, state === 'connected', `${view}: ${state}`);
    }
  }
});

test('the walkthrough: every button leads to a command, every step has a page and a way to be done', () => {
  const { contributes } = JSON.parse(generatedManifest('{}')) as Manifest;
  const ids = new Set(contributes.commands.map(({ command }) => command));
  const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  assert.ok(steps.length > 4);
  for (const { id, description, media, completionEvents } of steps) {
    assert.ok(existsSync(path.join(import.meta.dirname, '..', media.markdown)), media.markdown);
    assert.ok(completionEvents.length > 0, id);
    for (const [, command = ''] of description.matchAll(/command:(slipway\.\w+)/g))
      assert.ok(ids.has(command), command);
  }
});
