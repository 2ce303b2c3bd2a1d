/** Builds a case with an engine through a stock docker command line, and says what came of it. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { callSocket } from '../../support/call-socket.ts';
import { BASE, type BuildCase } from './build-case.ts';
import { contextDirectory } from './context-directory.ts';
import { type ImageFacts, readSavedImage } from './read-image.ts';

export interface BuildingEngine {
  readonly socket: string;
  /** `docker`, and what its environment needs. */
  readonly program: string;
  /** Its first arguments. */
  readonly before?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Diff ids of BASE there. */
  readonly baseDiffIds: ReadonlySet<string>;
}

export type Outcome = { readonly image: ImageFacts } | { readonly failed: string };

export async function buildWith(engine: BuildingEngine, buildCase: BuildCase): Promise<Outcome> {
  using context = contextDirectory(buildCase);
  const name = `conformance-${randomBytes(6).toString('hex')}`;
  const { code, said } = await run(engine, [
    'build',
    '-t',
    name,
    ...fileArgs(buildCase, context.path),
    ...(buildCase.args ?? []),
    context.path,
  ]);
  if (code !== 0) return { failed: errorOf(said) };
  try {
    const saved = await fetchBytes(engine.socket, `/images/${name}/get`).catch((error: Error) => error);
    if (saved instanceof Error) return { failed: `built, but ${saved.message}` }; // dockerd saves no image without layers
    const { config, history, tree, layers } = readSavedImage(saved, engine.baseDiffIds);
    return { image: { config, history, tree, layers } };
  } finally {
    await callSocket(engine.socket, 'DELETE', `/images/${name}?force=1`);
  }
}

/** What went wrong, without what differs from one time to the next. */
function errorOf(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((one) => one.includes('rror') || one.includes('ERROR')) ?? lines.at(-1) ?? '';
  return line
    .replace(/^ERROR: failed to build: failed to solve: |^Error response from daemon: /, '')
    .replaceAll(/\/tmp\/\S+\/merged| of ref \S+|(?:\/tmp\/|dial tcp).*/g, '…');
}

function fileArgs({ file }: BuildCase, folder: string): string[] {
  return file === undefined ? [] : ['-f', `${folder}/${file}`];
}

/** Diff ids of the base image at the engine. */
export async function baseDiffIds(socket: string): Promise<Set<string>> {
  const answer = await callSocket(socket, 'GET', `/images/${BASE}/json`);
  return new Set(answer.json<{ RootFS: { Layers: string[] } }>().RootFS.Layers);
}

export async function fetchBytes(socketPath: string, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path }, (response) => {
      const chunks: Buffer[] = []; // consumers.buffer() takes three times as long
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${path}: ${response.statusCode} ${bytes.toString()}`));
      });
    });
    call.on('error', reject).end();
  });
}

function run(
  { program, before = [], env, socket }: BuildingEngine,
  args: readonly string[],
): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...before, ...args], {
      env: { PATH: process.env['PATH'], ...env, DOCKER_HOST: `unix://${socket}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, said }));
  });
}
