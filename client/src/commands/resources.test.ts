/** Commands on containers, images, volumes and networks: what they ask of the person and of the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary, ImageSummary } from '#model/engine-api/types.ts';
import type { NodeKind, TreeNode } from '../explorer/node.ts';
import { fakeUi, type FakeUi } from '../views/fake-ui.ts';
import { containerCommands } from './containers.ts';
import { fakeEngine, type FakeEngineOptions } from './fake-engine.ts';
import { imageCommands } from './images.ts';
import { storageCommands } from './storage.ts';

const containers: ContainerSummary[] = [
  { Id: 'c1', Names: ['/web'], Image: 'node:24', State: 'running', Status: 'Up 2 hours' },
  { Id: 'c2', Names: ['/db'], Image: 'pg:17', State: 'paused', Status: 'Up 1 hour (Paused)' },
  { Id: 'c3', Names: ['/job'], Image: 'job:1', State: 'exited', Status: 'Exited (1) 5 minutes ago' },
];
const images = [
  { Id: 'sha256:i1', RepoTags: ['node:24'] },
  { Id: 'sha256:i2', RepoTags: [] },
] as unknown as ImageSummary[];

async function run(id: string, ui: FakeUi, target?: unknown, options: FakeEngineOptions = {}, selection?: unknown[]) {
  const engine = await fakeEngine(ui, { snapshot: { containers, images }, ...options });
  const command = [...containerCommands, ...imageCommands, ...storageCommands].find((each) => each.id === id);
  assert.ok(command, id);
  await command.handler(engine.deps, target, selection);
  return engine.calls;
}

function node(kind: NodeKind, id: string, more: Partial<TreeNode> = {}): TreeNode {
  return { key: `${kind}/${id}`, kind, hostId: 'local', id, label: id, icon: '', context: kind, ...more };
}

const web = node('container', 'c1');
const db = node('container', 'c2');
const job = node('container', 'c3');

test('each verb acts on those rows that it makes sense for', async () => {
  const all = [web, db, job];
  const calls = async (id: string): Promise<string[]> => await run(id, fakeUi(), web, {}, all);
  assert.deepEqual(await calls('slipway.stopContainer'), [
    'local: POST /containers/c1/stop',
    'local: POST /containers/c2/stop',
  ]);
  assert.deepEqual(await calls('slipway.startContainer'), ['local: POST /containers/c3/start']);
  assert.deepEqual(await calls('slipway.pauseContainer'), ['local: POST /containers/c1/pause']);
  assert.deepEqual(await calls('slipway.unpauseContainer'), ['local: POST /containers/c2/unpause']);
  assert.equal((await calls('slipway.restartContainer')).length, 3);
});

test('a row outside the selection is what was meant', async () => {
  assert.deepEqual(await run('slipway.stopContainer', fakeUi(), web, {}, [db]), ['local: POST /containers/c1/stop']);
});

test('a project is all it has', async () => {
  const project = node('project', 'shop', { children: [web, job] });
  const ui = fakeUi(true);
  assert.deepEqual(await run('slipway.removeContainer', ui, project), [
    'local: DELETE /containers/c1?force=true&v=true',
    'local: DELETE /containers/c3?force=true&v=true',
  ]);
  assert.deepEqual(ui.shown, ['confirm: Remove 2 containers?']);
});

test('from the palette: a list of those it makes sense for; none, and it says so', async () => {
  const ui = fakeUi('web');
  assert.deepEqual(await run('slipway.openContainerShell', ui), []);
  assert.deepEqual(ui.shown, ['pick: Open Shell: web', 'terminal: web']);
  const none = fakeUi();
  await run('slipway.stopContainer', none, undefined, { snapshot: { containers: [] } });
  assert.deepEqual(none.shown, ['info: Stop Container: there is no running container on a connected host.']);
  assert.deepEqual(await run('slipway.stopContainer', fakeUi(undefined)), [], 'left the list');
});

test('one that fails does not keep the others from being tried; its words are the error', async () => {
  const failing = { answers: { 'POST /containers/c1/stop': new EngineError('conflict', 'web will not stop') } };
  await assert.rejects(run('slipway.stopContainer', fakeUi(), web, failing, [web, db]), {
    message: 'web will not stop',
  });
});

test('inspect opens a document, logs a terminal, copy the id', async () => {
  const ui = fakeUi();
  const calls = await run('slipway.inspectContainer', ui, web, {
    answers: { 'GET /containers/c1/json': { Id: 'c1' } },
  });
  assert.deepEqual(calls, ['local: GET /containers/c1/json?size=true']);
  assert.deepEqual(ui.texts, [{ name: 'web.json', text: '{\n  "Id": "c1"\n}' }]);
  await run('slipway.showLogs', ui, job);
  await run('slipway.copyContainerId', ui, web);
  assert.deepEqual(ui.shown.slice(1), ['terminal: Logs: job', 'copy: c1']);
});

test('pruning asks, and tells what it brought', async () => {
  const answers = { 'POST /containers/prune': { ContainersDeleted: ['a', 'b'], SpaceReclaimed: 1_500_000 } };
  const ui = fakeUi(true);
  await run('slipway.pruneContainers', ui, undefined, { answers });
  assert.deepEqual(ui.shown, [
    'confirm: Remove all stopped containers on this machine?',
    'info: 2 containers removed, 1.5 MB freed.',
  ]);
  assert.deepEqual(await run('slipway.pruneContainers', fakeUi(false), undefined, { answers }), []);
});

test('with several hosts a command asks which one', async () => {
  const hosts = [{ kind: 'local' }, { kind: 'ssh', name: 'box' }] as const;
  const ui = fakeUi('box', 'node:24');
  const calls = await run('slipway.pullImage', ui, undefined, {
    hosts,
    answers: { 'POST /images/create': '{"status":"Done"}\n' },
  });
  assert.deepEqual(calls, ['ssh:box: POST /images/create?fromImage=node&tag=24']);
  assert.deepEqual(ui.shown, [
    'pick: Pull Image: This machine, box',
    'ask: Pull Image to box',
    'info: node:24 is there.',
  ]);
});

test('a pull that fails is the engine’s own words, but for a missing image; what is typed is checked', async () => {
  const pull = (answer: unknown): Promise<string[]> =>
    run('slipway.pullImage', fakeUi('nope:1'), undefined, { answers: { 'POST /images/create': answer } });
  const full = '{"status":"x"}\n{"errorDetail":{"message":"no space left on device"},"error":"e"}\n';
  await assert.rejects(pull(full), { message: 'nope:1 could not be pulled: no space left on device' });
  const message = "There is no image “nope:1”. Check its name and tag; a private one needs 'docker login' first.";
  await assert.rejects(pull(new EngineError('not-found', 'manifest unknown')), { code: 'not-found', message });
  await assert.rejects(run('slipway.pullImage', fakeUi('two words')), /A name has no spaces/);
  assert.deepEqual(await run('slipway.pullImage', fakeUi(undefined)), []);
});

test('an image that is run: its container, its log; what cannot start is removed again', async () => {
  const image = node('image', 'node:24');
  const answers = { 'POST /containers/create': { Id: 'n1' }, 'GET /containers/n1/json': { Name: '/brave_anchor' } };
  const ui = fakeUi();
  const calls = await run('slipway.runImage', ui, image, { answers });
  assert.deepEqual(calls, [
    'local: POST /containers/create {"Image":"node:24","HostConfig":{"PublishAllPorts":true}}',
    'local: POST /containers/n1/start',
    'local: GET /containers/n1/json',
  ]);
  assert.deepEqual(ui.shown, ['terminal: Logs: brave_anchor']);
  const failing = { ...answers, 'POST /containers/n1/start': new EngineError('invalid', 'no such program') };
  const failed = await fakeEngine(fakeUi(), { answers: failing });
  const command = imageCommands.find(({ id }) => id === 'slipway.runImage');
  await assert.rejects(async () => command?.handler(failed.deps, image), { message: 'no such program' });
  assert.equal(failed.calls.at(-1), 'local: DELETE /containers/n1?force=true&v=true');
});

test('tags: the new name, with a registry that has a port', async () => {
  const image = node('image', 'node:24');
  const tag = async (name: string): Promise<string[]> => await run('slipway.tagImage', fakeUi(name), image);
  assert.deepEqual(await tag('localhost:5000/mine:7'), [
    'local: POST /images/node:24/tag?repo=localhost%3A5000%2Fmine&tag=7',
  ]);
  assert.deepEqual(await tag('localhost:5000/mine'), [
    'local: POST /images/node:24/tag?repo=localhost%3A5000%2Fmine&tag=latest',
  ]);
});

test('a push asks, and tells where the image goes; one without a name is not pushed', async () => {
  const image = node('image', 'r.example:5000/a/b:1');
  const ui = fakeUi(true);
  assert.deepEqual(await run('slipway.pushImage', ui, image), ['local: POST /images/r.example:5000/a/b/push?tag=1']);
  assert.deepEqual(ui.shown, [
    'confirm: Push r.example:5000/a/b:1?',
    'info: r.example:5000/a/b:1 is at r.example:5000.',
  ]);
  assert.deepEqual(await run('slipway.pushImage', fakeUi(false), image), []);
  await assert.rejects(run('slipway.pushImage', fakeUi(), node('image', 'sha256:i2')), /tag it first/);
});

test('images: from the palette by tag, those without one by id; removed after a question; pruned as chosen', async () => {
  const ui = fakeUi('sha256:i2', true);
  assert.deepEqual(await run('slipway.removeImage', ui), ['local: DELETE /images/sha256:i2']);
  assert.deepEqual(ui.shown, ['pick: Remove Image: node:24, sha256:i2', 'confirm: Remove sha256:i2?']);
  const answers = { 'POST /images/prune': { ImagesDeleted: [{ Untagged: 'a' }, { Deleted: 'b' }], SpaceReclaimed: 0 } };
  const all = fakeUi('All images');
  const calls = await run('slipway.pruneImages', all, undefined, { answers });
  assert.deepEqual(calls.map(decodeURIComponent), ['local: POST /images/prune?filters={"dangling":["false"]}']);
  assert.equal(all.shown.at(-1), 'info: 1 image part removed, 0 B freed.');
});

test('volumes and networks: names are checked, paths are safe, removal asks', async () => {
  assert.deepEqual(await run('slipway.createVolume', fakeUi('data')), ['local: POST /volumes/create {"Name":"data"}']);
  await assert.rejects(run('slipway.createNetwork', fakeUi('a/b')), /Letters, digits/);
  const odd = node('volume', 'a/b');
  const ui = fakeUi(true);
  assert.deepEqual(await run('slipway.removeVolume', ui, odd), ['local: DELETE /volumes/a%2Fb']);
  assert.deepEqual(ui.shown, ['confirm: Remove volume a/b?']);
  assert.deepEqual(await run('slipway.removeNetwork', fakeUi(false), node('network', 'n1')), []);
  const looking = fakeUi();
  await run('slipway.inspectNetwork', looking, node('network', 'n1', { label: 'shop' }), {
    answers: { 'GET /networks/n1': {} },
  });
  assert.deepEqual(looking.texts, [{ name: 'shop.json', text: '{}' }]);
});

test('pruning volumes tells what was freed, networks how many went', async () => {
  const answers = {
    'POST /volumes/prune': { VolumesDeleted: ['v'], SpaceReclaimed: 2000 },
    'POST /networks/prune': { NetworksDeleted: null },
  };
  const ui = fakeUi(true, true);
  await run('slipway.pruneVolumes', ui, undefined, { answers });
  await run('slipway.pruneNetworks', ui, undefined, { answers });
  assert.deepEqual(
    ui.shown.filter((line) => line.startsWith('info')),
    ['info: 1 volume removed, 2 kB freed.', 'info: 0 networks removed.'],
  );
});

test('a row of a host that was lost meanwhile', async () => {
  const gone = node('image', 'a:1', { hostId: 'ssh:gone' });
  await assert.rejects(run('slipway.inspectImage', fakeUi(), gone), {
    code: 'unavailable',
    message: 'ssh:gone is not connected.',
  });
});
