/** How a dev container is known again: its labels, its id, and a hash of what it was made from. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DevContainerConfig } from '#model/devcontainer/config.ts';
import type { ContainerSummary } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { buildOf } from './ensure-image.ts';

/** The first two are the reference tool's: both find each other's containers. */
export const LABELS = {
  folder: 'devcontainer.local_folder',
  config: 'devcontainer.config_file',
  hash: 'slipway.devcontainer.hash',
  inside: 'slipway.devcontainer.folder',
  workspace: 'slipway.workspace',
} as const;

export function idLabels(folder: string, configFile: string): Record<string, string> {
  return { [LABELS.folder]: folder, [LABELS.config]: configFile };
}

/** `${devcontainerId}`: 52 digits of base 32, the same for the same labels (spec: devcontainer-id-variable.md). */
export function devcontainerId(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const digest = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return BigInt(`0x${digest}`).toString(32).padStart(52, '0');
}

/** Of everything a container is made from: another one means that it should be made anew. */
export async function configHash(
  configFile: string,
  config: DevContainerConfig,
  made: { readonly hostFolder: string; readonly editorVersion: string },
): Promise<string> {
  const build = buildOf(config);
  const dockerfile = build === undefined ? '' : path.resolve(path.dirname(configFile), build.dockerfile);
  const text = dockerfile === '' ? '' : await readFile(dockerfile, 'utf8').catch(() => '');
  return createHash('sha256')
    .update(JSON.stringify([config, text, made]))
    .digest('hex');
}

/** A name for what belongs to the folder on the host: readable, and its own for every folder of every machine. */
export function nameFor(folder: string, machine: string): string {
  const readable = path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const unique = createHash('sha256').update(`${machine}\0${folder}`).digest('hex').slice(0, 8);
  return `${readable === '' ? 'folder' : readable}-${unique}`;
}

/** The newest container with these labels. */
export async function findContainer(
  connection: EngineConnection,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ContainerSummary | undefined> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const query = { all: true, filters: JSON.stringify({ label }) };
  const [newest] = await connection.call<ContainerSummary[]>('GET', '/containers/json', { query, signal });
  return newest;
}
