/**
 * POST /build of clients that know BuildKit's sessions but not its gRPC API (docker's command line up to 20.10): the query is
 * the classic builder's, the files are in the session, progress is BuildKit's messages in the classic answer.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildRequest } from '../build/request.ts';
import type { BuildKit } from '../buildkit/buildkit.ts';
import { replyWithProgress, type Tell } from './progress-reply.ts';
import type { Call, Reply } from './route.ts';

export const CLIENT_SESSION = 'client-session';
/** What the client has on its standard input comes in a request of its own. */
const UPLOAD = 'upload-request';

export interface SessionBuilds {
  /** @param asked what the query says, as the classic builder has it */
  build(call: Call, asked: BuildRequest): Promise<Reply | undefined>;
  /** Ends the build with this id, if there is one. */
  cancel(id: string): void;
}

export function createSessionBuilds(buildKit: () => Promise<BuildKit>): SessionBuilds {
  const running = new Map<string, AbortController>();
  return {
    async build(call, asked) {
      const kit = await buildKit();
      const id = call.query.get('buildid') ?? '';
      if (id.startsWith(`${UPLOAD}:`)) {
        await kit.upload(id, call.body, call.signal);
        return { status: 200 };
      }
      const Session = call.query.get('session') ?? '';
      if (Session === '') throw new EngineError('invalid', 'a build with BuildKit needs a session');
      const Ref = id || crypto.randomUUID();
      const FrontendAttrs = frontendAttributes(asked, Ref);
      const Exporters = exportersOf(call, asked);
      const stop = new AbortController();
      running.set(id, stop);
      const signal = AbortSignal.any([call.signal, stop.signal]);
      const work = async (tell: Tell): Promise<void> => {
        // dockerode sends the context as the classic builder's clients do, and its session knows only of credentials.
        if (!asked.remote) kit.upload(`${UPLOAD}:${Ref}`, call.body, signal).catch(() => {});
        const Entitlements = ['network.host']; // these clients cannot ask for it
        const solving = kit.solve(
          { Ref, Session, Frontend: 'dockerfile.v0', FrontendAttrs, Exporters, Entitlements },
          signal,
        );
        const telling = tellStatus(kit, Ref, tell, signal);
        const image = (await solving.finally(() => telling))['containerimage.config.digest'];
        if (image !== undefined) tell({ id: 'moby.image.id', aux: { ID: image } });
      };
      return await replyWithProgress(call, work, { atOnce: true }).finally(() => running.delete(id));
    },
    cancel: (id) => running.get(id)?.abort(new EngineError('cancelled', 'the build was cancelled')),
  };
}

async function tellStatus(kit: BuildKit, ref: string, tell: Tell, signal: AbortSignal): Promise<void> {
  for await (const status of kit.status(ref, signal)) {
    tell({ id: 'moby.buildkit.trace', aux: status.toString('base64') });
  }
}

/** The options of BuildKit's Dockerfile frontend. */
function frontendAttributes(asked: BuildRequest, id: string): Record<string, string> {
  const { buildArgs = {}, labels = {}, hostConfig = {}, remote = '', networkMode = '' } = asked;
  const { ExtraHosts = [], Ulimits = [], ShmSize, CgroupParent } = hostConfig;
  const caches = (asked.cacheFrom ?? []).flatMap((one) =>
    one.type === 'image' ? [{ Type: 'registry', Attrs: { ref: one.reference } }] : [],
  );
  const all = {
    filename: asked.dockerfile,
    target: asked.target,
    platform: asked.platform,
    'no-cache': asked.ignoreCache ? '' : undefined,
    'image-resolve-mode': asked.pull ? 'pull' : 'local',
    'force-network-mode': networkMode === 'default' ? undefined : networkMode,
    'add-hosts': ExtraHosts.map((host) => host.replace(':', '=')).join(','),
    'shm-size': ShmSize === undefined ? undefined : String(ShmSize),
    ulimit: Ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`).join(','),
    'cgroup-parent': CgroupParent,
    'cache-imports': caches.length > 0 ? JSON.stringify(caches) : undefined,
    context: remote === CLIENT_SESSION ? undefined : [UPLOAD, ''].includes(remote) ? `${UPLOAD}:${id}` : remote,
  };
  const given = Object.entries(all).filter(
    ([key, value]) => value !== undefined && (value !== '' || key === 'no-cache'),
  );
  return {
    ...Object.fromEntries(given as [string, string][]),
    ...prefixed('build-arg:', buildArgs),
    ...prefixed('label:', labels),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
}

interface Exporter {
  readonly Type: string;
  readonly Attrs: Record<string, string>;
}

/** `outputs` is a JSON list of exporters; without one the image is kept under its tags. */
function exportersOf({ query }: Call, { tags = [] }: BuildRequest): Exporter[] {
  const name = tags.length > 0 ? { name: tags.join(',') } : {};
  const asked = parseOutputs(query.get('outputs') ?? '');
  if (asked.length === 0) return [{ Type: 'moby', Attrs: name }];
  return asked.map(({ Type, Attrs }) => ({
    Type,
    Attrs: Type === 'local' || Type === 'tar' ? Attrs : { ...Attrs, ...name },
  }));
}

function parseOutputs(text: string): Exporter[] {
  if (text === '') return [];
  const malformed = (cause: unknown): EngineError =>
    new EngineError('invalid', 'error reading outputs: not a list of exporters', { cause });
  let value: unknown;
  try {
    value = JSON.parse(text) ?? [];
  } catch (cause) {
    throw malformed(cause);
  }
  if (!Array.isArray(value)) throw malformed(value);
  return value.map((one: unknown) => {
    const { Type, Attrs } = Object(one) as Partial<Exporter>;
    if (typeof Type !== 'string') throw malformed(one);
    return { Type, Attrs: { ...Attrs } };
  });
}
