/**
 * What a row of the conformance table is made of. In paths, bodies and headers `~` stands for a prefix that only this run
 * of the row has, `$IMAGE` for the image that both engines have, `{a}` for the id that the step marked `as: 'a'` was
 * answered, `{start}` for the moment the row began, `{now}` for the present and `{root}` for the engine's data root.
 */
import type { Method } from '../../runtime-agent/src/api/route.ts';

export interface Request {
  readonly kind: 'request';
  readonly method: Method | 'OPTIONS' | 'PATCH';
  /** Without a version; a path that begins with `/v1.` is sent as it is. */
  readonly path: string;
  /** JSON; a string or bytes are sent as they are. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Remembers the answer's Id. */
  readonly as?: string;
  /** Default: status, content type and the whole body. `shape`: of the body only names and kinds of values. */
  readonly show?: 'status' | 'shape';
  /** Headers of the answer that matter, besides the content type. */
  readonly heads?: readonly string[];
}

export type Step =
  | Request
  /** Sends the request and goes on; `end` waits for its answer. */
  | { readonly kind: 'begin'; readonly as: string; readonly request: Request }
  | { readonly kind: 'end'; readonly of: string }
  /** A request whose connection becomes a stream. */
  | { readonly kind: 'open'; readonly as: string; readonly request: Request; readonly upgrade: boolean }
  | { readonly kind: 'send'; readonly to: string; readonly text: string }
  | { readonly kind: 'half-close'; readonly of: string }
  /** Waits until the stream has brought the text. */
  | { readonly kind: 'expect'; readonly of: string; readonly text: string }
  /** Everything that the stream brought, to its end. */
  | { readonly kind: 'drain'; readonly of: string }
  /** Ends the connection without a word. */
  | { readonly kind: 'drop'; readonly of: string }
  /** Asks until the body has the value at the dotted path. */
  | { readonly kind: 'until'; readonly path: string; readonly at: string; readonly is: unknown }
  | { readonly kind: 'sleep'; readonly ms: number };

export interface Row {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Where the engine answers otherwise than Docker on purpose: a part of an answer's path, and why. */
  readonly differs?: Readonly<Record<string, string>>;
}

type Options = Pick<Request, 'headers' | 'as' | 'show' | 'heads'>;
const request =
  (method: Request['method']) =>
  (path: string, body?: object | string, options: Options = {}): Request => ({
    kind: 'request',
    method,
    path,
    ...(body === undefined ? {} : { body }),
    ...options,
  });

export const post = request('POST');
export const put = request('PUT');
export const of = (method: Request['method'], path: string, options: Options & { body?: object | string } = {}) =>
  request(method)(path, options.body, options);
export const get = (path: string, options: Options = {}): Request => request('GET')(path, undefined, options);
export const head = (path: string, options: Options = {}): Request => request('HEAD')(path, undefined, options);
export const del = (path: string, options: Options = {}): Request => request('DELETE')(path, undefined, options);

export const quiet = (request: Request): Request => ({ ...request, show: 'status' });
export const begin = (as: string, request: Request): Step => ({ kind: 'begin', as, request });
export const end = (of: string): Step => ({ kind: 'end', of });
export const open = (as: string, request: Request, upgrade = true): Step => ({ kind: 'open', as, request, upgrade });
export const send = (to: string, text: string): Step => ({ kind: 'send', to, text });
export const halfClose = (of: string): Step => ({ kind: 'half-close', of });
export const expect = (of: string, text: string): Step => ({ kind: 'expect', of, text });
export const drain = (of: string): Step => ({ kind: 'drain', of });
export const drop = (of: string): Step => ({ kind: 'drop', of });
export const sleep = (ms: number): Step => ({ kind: 'sleep', ms });
export const until = (path: string, at: string, is: unknown): Step => ({ kind: 'until', path, at, is });

/** A container `~NAME` without a network that sleeps, unless `config` and `host` say otherwise. */
export const create = (name: string, config: object = {}, host: object = {}): Request => ({
  ...quiet(post(`/containers/create?name=~${name}`, containerBody(config, host))),
  as: name,
});

export const containerBody = (config: object = {}, host: object = {}): object => ({
  Image: '$IMAGE',
  Cmd: ['sleep', '1000'],
  StopSignal: 'SIGKILL',
  ...config,
  HostConfig: { NetworkMode: 'none', ...host },
});

export const start = (name: string): Request => quiet(post(`/containers/~${name}/start`));
/** Made and started. */
export const running = (name: string, config: object = {}, host: object = {}): readonly Step[] => [
  create(name, config, host),
  start(name),
];
/** Made, started and ended. */
export const ended = (name: string, config: object = {}, host: object = {}): readonly Step[] => [
  ...running(name, { Cmd: ['true'], ...config }, host),
  quiet(post(`/containers/~${name}/wait`)),
];
export const shell = (script: string): object => ({ Cmd: ['sh', '-c', script] });
/** What happened to the row's objects since it began. */
export const events = (filters: object): Request =>
  get(`/events?since={start}&until={now}&filters=${JSON.stringify(filters)}`);

export const row = (title: string, steps: readonly (Step | readonly Step[])[], differs?: Row['differs']): Row => ({
  title,
  steps: steps.flat() as readonly Step[],
  ...(differs === undefined ? {} : { differs }),
});
/** Rows of a single request each. */
export const single = (title: string, requests: readonly Request[]): readonly Row[] =>
  requests.map((request) => ({
    title: `${title}: ${request.method} ${request.path}${request.body === undefined ? '' : ` ${JSON.stringify(request.body)}`}`,
    steps: [request],
  }));
