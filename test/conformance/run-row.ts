/** Runs one row against one engine and gives its answers, made comparable. */
import { Agent, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { openStream } from '../support/containers.ts';
import { decode, frames } from './decode.ts';
import { createNormaliser, shapeOf } from './normalise.ts';
import type { Request, Row, Step } from './step.ts';

export interface Target {
  readonly socket: string;
  readonly image: string;
  readonly root: string;
}

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Stream {
  readonly head: string;
  readonly socket: Awaited<ReturnType<typeof openStream>>['socket'];
  readonly chunks: Buffer[];
  readonly ended: Promise<void>;
}

interface Run {
  readonly target: Target;
  /** Connections of the row, all ended with it. */
  readonly agent: Agent;
  readonly fill: (text: string) => string;
  readonly ids: Map<string, string>;
  readonly begun: Map<string, Promise<unknown>>;
  readonly streams: Map<string, Stream>;
  /** What is to be removed at the end. */
  readonly made: string[];
}

const WAIT_MS = 20_000;

/** @returns one answer for each step that has one, normalised */
export async function runRow(row: Row, target: Target): Promise<unknown> {
  const prefix = `cf${Math.random().toString(36).slice(2, 8)}z`;
  const began = Date.now();
  const ids = new Map<string, string>();
  const fill = (text: string): string =>
    text
      .replaceAll('~', prefix)
      .replaceAll('$IMAGE', target.image)
      .replaceAll('{start}', (began / 1000).toFixed(3))
      .replaceAll('{now}', () => (Date.now() / 1000 + 0.05).toFixed(3))
      .replaceAll('{root}', target.root)
      .replaceAll(/\{(\w+)\}/g, (whole, name: string) => ids.get(name) ?? whole);
  const run: Run = {
    target,
    agent: new Agent({ keepAlive: true }),
    fill,
    ids,
    begun: new Map(),
    streams: new Map(),
    made: [],
  };
  const answers: unknown[] = [];
  try {
    for (const step of row.steps) {
      const answer = await limited(takeStep(run, step), JSON.stringify(step));
      if (answer !== undefined) answers.push(answer);
    }
  } finally {
    for (const { socket } of run.streams.values()) socket.destroy();
    for (const path of run.made.reverse()) await limited(send(run, 'DELETE', path), path).catch(() => {});
    run.agent.destroy();
  }
  return createNormaliser({ prefix, image: target.image, root: target.root })(answers);
}

async function limited<T>(work: Promise<T>, what: string): Promise<T> {
  const timer = new AbortController();
  const late = pause(WAIT_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${WAIT_MS} ms: ${what}`);
  });
  return Promise.race([work, late]).finally(() => timer.abort());
}

async function takeStep(run: Run, step: Step): Promise<unknown> {
  switch (step.kind) {
    case 'request':
      return ask(run, step);
    case 'begin': {
      const answer = ask(run, step.request);
      answer.catch(() => {});
      run.begun.set(step.as, answer);
      await pause(150); // it is there before the next step
      return undefined;
    }
    case 'end':
      return run.begun.get(step.of);
    case 'open':
      return openConnection(run, step.as, step.request, step.upgrade);
    case 'send':
      stream(run, step.to).socket.write(run.fill(step.text));
      return undefined;
    case 'half-close':
      stream(run, step.of).socket.end();
      return undefined;
    case 'expect':
      await arrived(stream(run, step.of), step.text);
      return undefined;
    case 'drain': {
      const { ended, chunks, head } = stream(run, step.of);
      await ended;
      const all = Buffer.concat(chunks);
      return /multiplexed/.test(head) ? frames(all) : all.toString('latin1');
    }
    case 'drop':
      stream(run, step.of).socket.destroy();
      return undefined;
    case 'until':
      return untilValue(run, step.path, step.at, step.is);
    case 'sleep':
      await pause(step.ms);
      return undefined;
  }
}

function stream(run: Run, name: string): Stream {
  const found = run.streams.get(name);
  if (found === undefined) throw new Error(`the row opened no stream ${name}`);
  return found;
}

async function ask(run: Run, request: Request): Promise<unknown> {
  const { path, body, show, heads = [] } = request;
  const payload = body === undefined ? undefined : run.fill(typeof body === 'string' ? body : JSON.stringify(body));
  const raw = await send(run, request.method, run.fill(path), payload, request.headers);
  remember(run, request, raw);
  const type = String(raw.headers['content-type'] ?? '');
  const decoded = await decode(type, raw.body);
  if (show === 'status') return raw.status < 400 ? raw.status : { status: raw.status, body: decoded };
  const named = Object.fromEntries(heads.map((name) => [name, headValue(name, raw.headers[name])]));
  return { status: raw.status, type, ...named, body: show === 'shape' ? shapeOf(decoded) : decoded };
}

function headValue(name: string, value: string | string[] | undefined): unknown {
  if (name !== 'x-docker-container-path-stat' || typeof value !== 'string') return value ?? null;
  return JSON.parse(Buffer.from(value, 'base64').toString()) as unknown;
}

function remember(run: Run, { method, path, as }: Request, { status, body }: Raw): void {
  const created = /^(?:\/v[\d.]+)?\/(containers|networks|volumes)\/create/.exec(path)?.[1];
  const execMade = path.endsWith('/exec') || path.startsWith('/commit');
  if (method !== 'POST' || status !== 201 || (created === undefined && !execMade)) return;
  const answer = JSON.parse(body.toString()) as { Id?: string; Name?: string };
  const id = answer.Id ?? answer.Name ?? '';
  if (as !== undefined) run.ids.set(as, id);
  if (created !== undefined) run.made.push(`/${created}/${id}?force=1&v=1`);
  else if (path.startsWith('/commit')) run.made.push(`/images/${id}?force=1`);
}

function send(
  run: Run,
  method: string,
  path: string,
  payload?: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Raw> {
  const full = path.startsWith('/v1.') || path.startsWith('//') ? path : `/v1.51${path}`;
  const type = payload === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        socketPath: run.target.socket,
        agent: run.agent,
        method,
        path: encodeURI(full),
        headers: { ...type, ...headers },
      },
      (response) => {
        buffer(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      },
    );
    call.on('error', reject);
    call.end(payload);
  });
}

async function openConnection(run: Run, as: string, request: Request, upgrade: boolean): Promise<unknown> {
  const body = typeof request.body === 'object' ? request.body : {};
  const path = encodeURI(`/v1.51${run.fill(request.path)}`).replace('/v1.51/v1.', '/v1.');
  const opened = await openStream({ socket: run.target.socket }, request.method, path, { body, upgrade });
  const chunks: Buffer[] = [];
  opened.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => opened.socket.on('close', resolve).on('end', resolve));
  run.streams.set(as, { head: opened.head, socket: opened.socket, chunks, ended });
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'im').exec(opened.head)?.[1]?.trim();
  return { status: opened.status, type: value('content-type') ?? '', upgrade: value('upgrade') ?? null };
}

async function arrived({ chunks }: Stream, text: string): Promise<void> {
  while (!Buffer.concat(chunks).includes(text)) await pause(20);
}

async function untilValue(run: Run, path: string, at: string, is: unknown): Promise<undefined> {
  for (;;) {
    const { body } = await send(run, 'GET', run.fill(path));
    const found = at
      .split('.')
      .reduce<unknown>(
        (value, name) => (value as Record<string, unknown> | undefined)?.[name],
        JSON.parse(body.toString()),
      );
    if (JSON.stringify(found) === JSON.stringify(is)) return undefined;
    await pause(50);
  }
}
