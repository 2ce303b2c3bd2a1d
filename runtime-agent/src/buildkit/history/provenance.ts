/** How a build came about, as SLSA provenance 0.2 in BuildKit's form (slsa.dev/spec/v0.2/provenance, buildkit docs/attestations). */
import type { BuildSources } from '../../build/build-sources.ts';
import type { DockerfileText } from '../../build/client-files.ts';
import { formatPlatform, type Platform } from '#model/oci/platform.ts';
import { wholeName } from '../../build/watch.ts';
import type { FrontendOptions } from '../solve/frontend-options.ts';

export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v0.2';
const BUILD_TYPE = 'https://mobyproject.org/buildkit@v1';

/** Options that say nothing of what was built, or are told elsewhere. */
const LEFT_OUT = new Set([
  'cache-imports',
  'cgroup-parent',
  'context',
  'filename',
  'frontend.caps',
  'image-resolve-mode',
  'platform',
]);
const LEFT_OUT_PREFIXES = ['attest:', 'local-sessionid:', 'vcs:'];

export interface Provenance {
  readonly id: string;
  readonly options: FrontendOptions;
  readonly sources: BuildSources;
  /** Of this machine. */
  readonly platform: Platform;
  readonly dockerfile: DockerfileText | undefined;
  /** RFC 3339. */
  readonly started: string;
  readonly finished: string;
}

export function provenanceOf(build: Provenance): object {
  const { options, sources, platform, dockerfile, started, finished, id } = build;
  const { images, secrets, agents } = sources;
  const { context } = options;
  const isRemote = context !== undefined && /^(https?|git|ssh):\/\/|^git@/.test(context);
  const vcs = withPrefix(options, 'vcs:');
  const source = { ...(isRemote ? { uri: context } : {}), entryPoint: options['filename'] || 'Dockerfile' };
  return {
    builder: { id: '' },
    buildType: BUILD_TYPE,
    materials: images.map(({ reference, digest, platform: of }) => {
      return { uri: packageUrl(reference, of), digest: { sha256: digest.replace(/^sha256:/, '') } };
    }),
    invocation: {
      configSource: source,
      parameters: {
        frontend: 'dockerfile.v0',
        args: argumentsOf(options),
        ...(secrets.length > 0 ? { secrets: secrets.map(asked) } : {}),
        ...(agents.length > 0 ? { ssh: agents.map(asked) } : {}),
        ...(isRemote ? {} : { locals: localsOf(options).map((name) => ({ name })) }),
      },
      environment: { platform: formatPlatform(platform) },
    },
    metadata: {
      buildInvocationID: id,
      buildStartedOn: started,
      buildFinishedOn: finished,
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
      [`${BUILD_TYPE}#metadata`]: {
        ...(Object.keys(vcs).length > 0 ? { vcs } : {}),
        ...(dockerfile === undefined ? {} : { source: { infos: [sourceInfo(dockerfile)] } }),
      },
    },
  };
}

function argumentsOf(options: FrontendOptions): Record<string, string> {
  const told = Object.entries(options).filter(
    ([key]) => !LEFT_OUT.has(key) && !LEFT_OUT_PREFIXES.some((prefix) => key.startsWith(prefix)),
  );
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withPrefix(options: FrontendOptions, prefix: string): Record<string, string> {
  const own = Object.entries(options).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

function asked({ id, required }: BuildSources['secrets'][number]) {
  return { id, ...(required ? {} : { optional: true }) };
}

/** The client's folders, by its names for them. */
function localsOf(options: FrontendOptions): string[] {
  const named = Object.entries(options).flatMap(([key, value]) =>
    key.startsWith('context:') && value.startsWith('local:') ? [value.slice('local:'.length)] : [],
  );
  return ['context', 'dockerfile', ...named].sort();
}

/** github.com/package-url/purl-spec, type docker. */
function packageUrl(reference: string, platform: string): string {
  const whole = wholeName(reference).replace(/@.*$/, '');
  const name = whole.replace(/^docker\.io\/(library\/)?/, '');
  const colon = name.lastIndexOf(':');
  const [path, tag] = colon > name.lastIndexOf('/') ? [name.slice(0, colon), name.slice(colon + 1)] : [name, ''];
  return `pkg:docker/${path}${tag === '' ? '' : `@${tag}`}?platform=${encodeURIComponent(platform)}`;
}

function sourceInfo({ name, text }: DockerfileText) {
  return { filename: name, language: 'Dockerfile', data: Buffer.from(text).toString('base64') };
}
