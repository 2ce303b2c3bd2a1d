/** Images of one small file, made by import, and what an engine says of its images. */
import assert from 'node:assert/strict';
import { type Answer, callSocket } from './call-socket.ts';
import type { TestEngine } from './engine.ts';
import { handMadeTar } from './tar-builder.ts';

export interface Summary {
  readonly Id: string;
  readonly RepoTags: string[];
  readonly [name: string]: unknown;
}

export interface SmallImage {
  /** Name and content of the file; default: the image's name. */
  readonly file?: string;
  /** Dockerfile instructions. */
  readonly changes?: readonly string[];
  readonly message?: string;
}

/** @param name '' for none. Gives the image's id. */
export async function importSmall(engine: TestEngine, name: string, image: SmallImage = {}): Promise<string> {
  const { file = name, changes = [], message = '' } = image;
  const query = new URLSearchParams({ fromSrc: '-', repo: name, message });
  for (const change of changes) query.append('changes', change);
  const tar = handMadeTar([{ name: file, data: file }]);
  const answer = await callSocket(engine.socket, 'POST', `/images/create?${query}`, tar);
  assert.equal(answer.status, 200, answer.text);
  return (JSON.parse(answer.text) as { status: string }).status;
}

export async function listImages(engine: TestEngine, query = ''): Promise<Summary[]> {
  return (await engine.call('GET', `/images/json${query}`)).json();
}

export async function removeAllImages(engine: TestEngine): Promise<void> {
  for (const { Id } of await listImages(engine, '?all=1')) await engine.call('DELETE', `/images/${Id}?force=1`);
  assert.deepEqual(await listImages(engine, '?all=1'), []);
}

/** Status and message of a refusal. */
export function refusal(answer: Answer): [number, unknown] {
  return [answer.status, answer.json<{ message: string }>().message];
}
