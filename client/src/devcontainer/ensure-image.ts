/** The image of a dev container: there, pulled or built. */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildConfig, DevContainerConfig } from '#model/devcontainer/config.ts';
import type { ImageInspect } from '#model/engine-api/types.ts';
import { buildImage } from '../build/build-image.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { pullImage } from '../hosts/pull.ts';
import type { ConfigFile } from './config-file.ts';
import type { Steps } from './steps.ts';

interface ImageOptions {
  readonly buildTag: string;
  /** Pull and build it even if it is there. */
  readonly fresh: boolean;
}

/** Throws EngineErrors that say what failed; a build's own output is in the log. */
export async function ensureImage(
  connection: EngineConnection,
  file: ConfigFile,
  config: DevContainerConfig,
  options: ImageOptions,
  steps: Steps,
): Promise<ImageInspect> {
  const build = buildOf(config);
  if (build !== undefined) {
    const platform = config.runArgs?.map((arg) => /^--platform=(.+)$/.exec(arg)?.[1]).find(Boolean);
    await buildFromConfig(connection, file, build, { ...options, platform }, steps);
    return await inspectImage(connection, options.buildTag, steps.signal);
  }
  const { image = '' } = config;
  const present = await inspectImage(connection, image, steps.signal).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'not-found') return undefined;
    throw error;
  });
  if (present !== undefined && !options.fresh) return present;
  steps.begin(`Pulling ${image}`);
  const { signal } = steps;
  let last = '';
  const report = (message: string, percent?: number): void => {
    steps.report(`Pulling ${image}: ${message}`, percent);
    if (message !== last) steps.log(`  ${message}\n`);
    last = message;
  };
  try {
    await pullImage(connection, image, { report, signal });
  } catch (error) {
    // a rebuild without a network goes on with the image that is here
    if (present === undefined || signal.aborted) throw error;
    steps.log(`  not pulled, the present one is used: ${error instanceof Error ? error.message : ''}\n`);
    return present;
  }
  return await inspectImage(connection, image, signal);
}

/** `build`, or the older `dockerFile` and `context`. */
export function buildOf(config: DevContainerConfig): BuildConfig | undefined {
  if (config.build !== undefined) return config.build;
  if (config.dockerFile === undefined) return undefined;
  return { dockerfile: config.dockerFile, ...(config.context === undefined ? {} : { context: config.context }) };
}

export async function inspectImage(
  connection: EngineConnection,
  name: string,
  signal: AbortSignal,
): Promise<ImageInspect> {
  return await connection.call('GET', `/images/${name}/json`, { signal });
}

async function buildFromConfig(
  connection: EngineConnection,
  file: ConfigFile,
  build: BuildConfig,
  { buildTag, platform, fresh }: ImageOptions & { readonly platform: string | undefined },
  steps: Steps,
): Promise<void> {
  const folder = path.dirname(file.file);
  const dockerfile = path.resolve(folder, build.dockerfile);
  steps.begin(`Building the image from ${dockerfile}`);
  const cacheFrom = typeof build.cacheFrom === 'string' ? [build.cacheFrom] : build.cacheFrom;
  const query = {
    ...buildOptions(build, file),
    buildargs: build.args === undefined ? undefined : JSON.stringify(build.args),
    target: build.target,
    cachefrom: cacheFrom === undefined ? undefined : JSON.stringify(cacheFrom),
    platform,
    pull: fresh ? true : undefined,
  };
  const context = path.resolve(folder, build.context ?? '.');
  await buildImage(connection, { context, dockerfile, tag: buildTag, query }, steps);
}

/** Options of `docker build` that the API has; others are refused, not ignored. */
function buildOptions(build: BuildConfig, file: ConfigFile): Record<string, string | boolean> {
  const query: Record<string, string | boolean> = {};
  const labels: Record<string, string> = {};
  for (const [i, option] of (build.options ?? []).entries()) {
    const [name = '', ...rest] = option.split('=');
    const value = rest.join('=');
    switch (name) {
      case '--no-cache':
        query['nocache'] = true;
        break;
      case '--pull':
        query['pull'] = true;
        break;
      case '--network':
        query['networkmode'] = value;
        break;
      case '--add-host':
        query['extrahosts'] = [query['extrahosts'], value].filter(Boolean).join(',');
        break;
      case '--label':
        labels[value.split('=')[0] ?? ''] = value.split('=').slice(1).join('=');
        break;
      default:
        throw file.errorAt(['build', 'options', i], `build.options: ${name} is not supported`);
    }
  }
  return Object.keys(labels).length === 0 ? query : { ...query, labels: JSON.stringify(labels) };
}
