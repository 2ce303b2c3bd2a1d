/** /etc/hosts and /etc/resolv.conf of a running container follow its networks. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { movedLink } from './links.ts';
import { containerPaths } from './rootfs.ts';

/** Runs a change of the container's networks, then brings its files up to date, as far as nobody else changed them. */
export async function withNetworkFiles<T>(context: ContainerContext, id: string, change: () => Promise<T>): Promise<T> {
  const before = await context.networks.files(id);
  const result = await change();
  const after = await context.networks.files(id);
  if (before === undefined || after === undefined) return result;
  const paths = containerPaths(context.dataRoot, id);
  await Promise.all([
    edit(paths.hosts, (text) => mergeLines(text, before.hosts, after.hosts)),
    edit(paths.resolvConf, (text) => (text === before.resolvConf ? after.resolvConf : text)),
  ]);
  return result;
}

/** Containers with a legacy link to this one learn where it is now. */
export async function tellLinking(context: ContainerContext, { id, record }: Container): Promise<void> {
  const address = record.network?.Networks?.['bridge']?.IPAddress ?? '';
  if (address === '') return;
  for (const other of context.store.all()) {
    const links = (other.record.links ?? []).filter(({ target }) => target === id);
    if (links.length === 0 || !isRunning(other)) continue;
    await edit(containerPaths(context.dataRoot, other.id).hosts, (text) =>
      links.reduce((hosts, { alias }) => movedLink(hosts, alias, address), text),
    );
  }
}

/** In place: the container has this very file mounted. */
async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = change(text);
  if (changed !== text) await writeFile(file, changed);
}

/** The text without the lines that went and with those that came; lines that somebody wrote into it stay. */
export function mergeLines(text: string, before: string, after: string): string {
  if (text === before) return after;
  const [old, wanted] = [before.split('\n'), after.split('\n')];
  const gone = new Set(old.filter((line) => !wanted.includes(line)));
  const kept = text.split('\n').filter((line) => !gone.has(line));
  const come = wanted.filter((line) => !old.includes(line) && !kept.includes(line));
  const end = kept.at(-1) === '' ? kept.length - 1 : kept.length;
  return kept.toSpliced(end, 0, ...come).join('\n');
}
