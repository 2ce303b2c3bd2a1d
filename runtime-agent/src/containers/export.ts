/** `GET /containers/{id}/export`: the whole root file system as one tar, without what is mounted in it. */
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Container, isRunning } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { type ContainerView, openView, resolvePlace } from './files/container-view.ts';
import { holdingStream } from './files/holding-stream.ts';
import { packTree } from './files/pack.ts';

/** Where something is mounted, as the container sees it. @param table contents of /proc/PID/mountinfo */
export function mountPlaces(table: string): Set<string> {
  const places = table.split('\n').map((line) => line.split(' ', 5)[4] ?? '');
  const unescaped = places.map((place) =>
    place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
  );
  return new Set(unescaped.filter((place) => place !== '' && place !== '/'));
}

async function hiddenPlaces(container: Container): Promise<ReadonlySet<string>> {
  const pid = container.record.state.process?.pid;
  // The table of a process that has just ended is empty, or not to be read.
  const table = isRunning(container) ? await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '') : '';
  return new Set([...mountPlaces(table), ...container.record.mounts.map((mount) => mount.destination)]);
}

async function* exported(
  { host }: ContainerContext,
  view: ContainerView,
  hidden: ReadonlySet<string>,
): AsyncGenerator<Buffer> {
  await using top = await resolvePlace(view, '/', true);
  yield* packTree(host, view, top, { name: '', hidden });
}

export async function exportContainer(context: ContainerContext, reference: string): Promise<Readable> {
  const container = context.store.find(reference);
  const hidden = await hiddenPlaces(container);
  const view = await openView(context, container);
  publish(context, container, 'export');
  return holdingStream(exported(context, { ...view, mounts: new Map() }, hidden), view);
}
