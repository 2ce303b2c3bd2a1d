/** A first devcontainer.json for a folder that has none: from its Dockerfile, or with an image for what is in it. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseReference } from '#model/oci/reference.ts';
import type { PickItem } from '../views/ui.ts';
import type { DevDeps } from './editor-port.ts';

interface Kind {
  /** A file by which such a folder is known. */
  readonly file: string;
  readonly name: string;
  readonly image: string;
  /** Brings what the project needs; for postCreateCommand. */
  readonly command?: string;
}

/** Of several with the same image the first counts. The images have glibc, which the editor needs. */
const KINDS: readonly Kind[] = [
  { file: 'package-lock.json', name: 'Node.js', image: 'node:24', command: 'npm ci' },
  { file: 'package.json', name: 'Node.js', image: 'node:24', command: 'npm install' },
  { file: 'requirements.txt', name: 'Python', image: 'python:3', command: 'pip install -r requirements.txt' },
  { file: 'pyproject.toml', name: 'Python', image: 'python:3' },
  { file: 'go.mod', name: 'Go', image: 'golang:1', command: 'go mod download' },
  { file: 'Cargo.toml', name: 'Rust', image: 'rust:1' },
  { file: 'pom.xml', name: 'Java and Maven', image: 'maven:3' },
  { file: 'build.gradle', name: 'Java and Gradle', image: 'gradle:8' },
  { file: 'Gemfile', name: 'Ruby', image: 'ruby:3', command: 'bundle install' },
  { file: 'composer.json', name: 'PHP', image: 'php:8' },
];
const PLAIN: Kind = { file: '', name: 'A plain system', image: 'debian:stable' };

/** @param names of what is in the folder. @returns the likeliest first */
export function proposedConfigs(names: readonly string[]): PickItem<object>[] {
  const there = new Set(names);
  const kinds = KINDS.filter(({ file }) => there.has(file));
  const first = kinds.filter(({ image }, i) => kinds.findIndex((other) => other.image === image) === i);
  const ofImages = [...first, PLAIN].map(({ name, image, command }) => ({
    label: name,
    description: image,
    icon: 'package',
    value: { image, ...(command === undefined ? {} : { postCreateCommand: command }) },
  }));
  if (!there.has('Dockerfile')) return ofImages;
  const build = { dockerfile: '../Dockerfile', context: '..' };
  return [{ label: 'The Dockerfile of this folder', icon: 'file', value: { build } }, ...ofImages];
}

/**
 * Asks what the container shall be made from, writes it down and shows it.
 * @returns the file; undefined when the person leaves the questions
 */
export async function writeFirstConfig({ ui, editor }: DevDeps, folder: string): Promise<string | undefined> {
  const items: PickItem<object | 'other'>[] = [
    ...proposedConfigs(await readdir(folder)),
    { label: 'Another image…', icon: 'edit', value: 'other' },
  ];
  const placeholder = 'This folder has no devcontainer.json yet. What shall its container be made from?';
  const picked = await ui.pick('Open Dev Container', items, { placeholder });
  const chosen = picked === 'other' ? await askForImage(ui) : picked;
  if (chosen === undefined) return undefined;
  const file = path.join(folder, '.devcontainer', 'devcontainer.json');
  await mkdir(path.dirname(file), { recursive: true });
  const text = JSON.stringify({ name: path.basename(folder), ...chosen }, undefined, 2);
  await writeFile(file, `${text}\n`, { flag: 'wx' });
  await editor.openAt({ file, line: 1, column: 1 });
  return file;
}

async function askForImage(ui: DevDeps['ui']): Promise<object | undefined> {
  const image = await ui.ask({
    title: 'Open Dev Container',
    prompt: 'The image of the container, based on Debian, Ubuntu or another system with glibc',
    placeholder: 'node:24',
    validate: (text) =>
      isReference(text.trim()) ? undefined : 'Type a name, such as node:24 or ghcr.io/owner/image:tag.',
  });
  return image === undefined ? undefined : { image: image.trim() };
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
