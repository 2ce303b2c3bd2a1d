/** Commands on images. */
import { EngineError } from '#model/engine-api/errors.ts';
import { parseReference } from '#model/oci/reference.ts';
import { bytes, plural, shortId } from '../explorer/words.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { pullImage, pushImage } from '../hosts/pull.ts';
import { runProgram } from '../terminal/attach-program.ts';
import { logsProgram } from '../terminal/logs-program.ts';
import type { PickItem } from '../views/ui.ts';
import type { Command } from './command.ts';
import { asNodes, type CommandDeps, connectionOf, pickConnection } from './deps.ts';

interface ImageRef {
  readonly connection: EngineConnection;
  /** A tag, or the id of an image without one. */
  readonly name: string;
}

async function pickImages(
  deps: CommandDeps,
  target: unknown,
  selection: readonly unknown[] | undefined,
  title: string,
): Promise<ImageRef[]> {
  const nodes = asNodes(target, selection);
  if (nodes.length > 0) return nodes.map((node) => ({ connection: connectionOf(deps, node.hostId), name: node.id }));
  const items = deps.hosts
    .connections()
    .flatMap((connection) =>
      (deps.snapshot(connection.id)?.images ?? [])
        .flatMap((image) => ((image.RepoTags ?? []).length > 0 ? image.RepoTags : [image.Id]))
        .map(
          (name): PickItem<ImageRef> => ({ label: name, description: connection.label, value: { connection, name } }),
        ),
    );
  if (items.length === 0) {
    deps.ui.info(`${title}: there is no image yet.`, { label: 'Pull an Image…', run: () => pull(deps, undefined) });
    return [];
  }
  const picked = await deps.ui.pick(title, items, { placeholder: 'Which image?' });
  return picked === undefined ? [] : [picked];
}

const VIEW = 'slipway.images';

async function pull(deps: CommandDeps, target: unknown): Promise<void> {
  const connection = await pickConnection(deps, target, 'Pull Image');
  if (connection === undefined) return;
  const reference = await deps.ui.ask({
    title: `Pull Image to ${connection.label}`,
    prompt: 'Name of the image, with its tag',
    placeholder: 'node:24',
    validate: referenceProblem,
  });
  if (reference === undefined) return;
  await deps.ui.progress(`Pulling ${reference}`, (report, signal) =>
    pullImage(connection, reference.trim(), { report, signal }),
  );
  deps.ui.info(`${reference} is there.`, {
    label: 'Run',
    run: () => start(deps, { connection, name: reference.trim() }),
  });
}

function referenceProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return 'Type a name, such as node:24 or ghcr.io/owner/image:tag.';
  return /\s/.test(trimmed) ? 'A name has no spaces.' : undefined;
}

/** In the background, its exposed ports published on free ones. */
async function start(deps: CommandDeps, { connection, name }: ImageRef): Promise<void> {
  const { id, title } = await deps.ui.progress(`Starting ${name}`, async (_report, signal) => {
    const created = await connection.call<{ readonly Id: string }>('POST', '/containers/create', {
      body: { Image: name, HostConfig: { PublishAllPorts: true } },
      signal,
    });
    try {
      await connection.call('POST', `/containers/${created.Id}/start`, { signal });
    } catch (error) {
      // Nothing half-made stays.
      await connection.call('DELETE', `/containers/${created.Id}`, { query: { force: true, v: true } });
      throw error;
    }
    const inspected = await connection.call<{ readonly Name?: string }>('GET', `/containers/${created.Id}/json`);
    return { id: created.Id, title: inspected.Name?.replace(/^\//, '') ?? shortId(created.Id) };
  });
  deps.ui.openTerminal(`Logs: ${title}`, 'output', logsProgram(connection, id, title));
}

async function remove(deps: CommandDeps, images: readonly ImageRef[]): Promise<void> {
  if (images.length === 0) return;
  const what = images.length === 1 ? (images[0]?.name ?? '') : plural(images.length, 'image');
  if (!(await deps.ui.confirm(`Remove ${what}?`, 'It can be pulled or built again.', 'Remove'))) return;
  await deps.ui.progress(`Removing ${what}`, async (_report, signal) => {
    for (const { connection, name } of images) {
      await connection.call('DELETE', `/images/${encodeURI(name)}`, { signal });
    }
  });
}

async function tag(deps: CommandDeps, { connection, name }: ImageRef): Promise<void> {
  const reference = await deps.ui.ask({
    title: `Tag ${name}`,
    prompt: 'The new name, with its tag',
    value: name.startsWith('sha256:') ? '' : name,
    validate: referenceProblem,
  });
  if (reference === undefined) return;
  const [, repo = '', tagName = 'latest'] = /^(.*?)(?::([^:/]+))?$/.exec(reference.trim()) ?? [];
  await connection.call('POST', `/images/${encodeURI(name)}/tag`, { query: { repo, tag: tagName } });
}

async function push(deps: CommandDeps, { connection, name }: ImageRef): Promise<void> {
  if (name.startsWith('sha256:')) {
    throw new EngineError('invalid', 'An image without a name cannot be pushed: tag it first.');
  }
  const { domain } = parseReference(name);
  const detail = `It goes to ${domain}, for whoever may read there. Tag it to send it elsewhere.`;
  if (!(await deps.ui.confirm(`Push ${name}?`, detail, 'Push'))) return;
  await deps.ui.progress(`Pushing ${name}`, (report, signal) => pushImage(connection, name, { report, signal }));
  deps.ui.info(`${name} is at ${domain}.`);
}

async function prune(deps: CommandDeps, target: unknown): Promise<void> {
  const connection = await pickConnection(deps, target, 'Remove Unused Images');
  if (connection === undefined) return;
  const all = await deps.ui.pick(`Remove Unused Images on ${connection.label}`, [
    { label: 'Untagged images', description: 'left over from builds and pulls', value: false },
    { label: 'All images that no container uses', value: true },
  ]);
  if (all === undefined) return;
  const answer = await deps.ui.progress('Removing unused images', (_report, signal) =>
    connection.call<{
      readonly ImagesDeleted?: readonly { readonly Deleted?: string }[] | null;
      readonly SpaceReclaimed?: number;
    }>('POST', '/images/prune', { query: { filters: JSON.stringify({ dangling: [String(!all)] }) }, signal }),
  );
  const count = (answer.ImagesDeleted ?? []).filter((image) => image.Deleted !== undefined).length;
  deps.ui.info(`${plural(count, 'image part')} removed, ${bytes(answer.SpaceReclaimed ?? 0)} freed.`);
}

export const imageCommands: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.pullImage',
    title: 'Pull Image…',
    icon: 'cloud-download',
    palette: 'slipway.connected',
    places: [
      { menu: 'view/title', view: VIEW, group: 'navigation@1', when: 'slipway.connected' },
      { menu: 'view/item/context', view: VIEW, item: '^group', group: 'inline@1' },
    ],
    handler: pull,
  },
  {
    id: 'slipway.runImage',
    title: 'Run in Background',
    icon: 'play',
    palette: 'slipway.connected',
    places: [
      { menu: 'view/item/context', view: VIEW, item: '^image', group: 'inline@1' },
      { menu: 'view/item/context', view: VIEW, item: '^image', group: '1_run@1' },
    ],
    async handler(deps, target, selection) {
      for (const image of await pickImages(deps, target, selection, 'Run in Background')) await start(deps, image);
    },
  },
  {
    id: 'slipway.runImageInteractive',
    title: 'Run in Terminal',
    icon: 'terminal',
    palette: 'slipway.connected',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image', group: '1_run@2' }],
    async handler(deps, target, selection) {
      for (const { connection, name } of await pickImages(deps, target, selection, 'Run in Terminal')) {
        deps.ui.openTerminal(name, 'terminal', runProgram(connection, name));
      }
    },
  },
  {
    id: 'slipway.tagImage',
    title: 'Tag Image…',
    icon: 'tag',
    palette: 'slipway.connected',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image', group: '2_change@1' }],
    async handler(deps, target) {
      const [image] = await pickImages(deps, target, undefined, 'Tag Image');
      if (image !== undefined) await tag(deps, image);
    },
  },
  {
    id: 'slipway.pushImage',
    title: 'Push Image…',
    icon: 'cloud-upload',
    palette: 'slipway.connected',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image tagged', group: '2_change@2' }],
    async handler(deps, target) {
      const [image] = await pickImages(deps, target, undefined, 'Push Image');
      if (image !== undefined) await push(deps, image);
    },
  },
  {
    id: 'slipway.inspectImage',
    title: 'Inspect Image',
    icon: 'json',
    palette: 'slipway.connected',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image', group: '3_look@1' }],
    async handler(deps, target, selection) {
      for (const { connection, name } of await pickImages(deps, target, selection, 'Inspect Image')) {
        const inspected = await connection.call<object>('GET', `/images/${encodeURI(name)}/json`);
        await deps.ui.openText(`${name.replaceAll('/', '_')}.json`, 'json', JSON.stringify(inspected, undefined, 2));
      }
    },
  },
  {
    id: 'slipway.copyImageName',
    title: 'Copy Image Name',
    palette: 'never',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image', group: '8_copy@1' }],
    async handler(deps, target) {
      const [image] = asNodes(target, undefined);
      if (image === undefined) throw new EngineError('invalid', 'Click an image first.');
      await deps.ui.copy(image.id);
    },
  },
  {
    id: 'slipway.removeImage',
    title: 'Remove Image…',
    icon: 'trash',
    palette: 'slipway.connected',
    places: [{ menu: 'view/item/context', view: VIEW, item: '^image', group: '9_remove@1' }],
    handler: async (deps, target, selection) => remove(deps, await pickImages(deps, target, selection, 'Remove Image')),
  },
  {
    id: 'slipway.pruneImages',
    title: 'Remove Unused Images…',
    icon: 'clear-all',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: VIEW, group: '9_prune', when: 'slipway.connected' }],
    handler: prune,
  },
];
