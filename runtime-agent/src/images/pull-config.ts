/** An image's configuration from a registry, or from here where it is known already. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { layerRetry, type ProgressMessage } from '#model/engine-api/progress.ts';
import { digestAlgorithm, shortId } from '#model/oci/digest.ts';
import { parseImageConfig } from '#model/oci/image-config-parse.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import type { Descriptor, ImageManifest } from '#model/oci/manifest.ts';
import type { Content } from '../content/content.ts';
import type { Repository } from '../registry/repository.ts';
import { readBody } from '../registry/transport.ts';
import { checkDepth } from './layer-depth.ts';
import { sha256 } from './sha256.ts';

export interface ConfigToPull {
  readonly repository: Pick<Repository, 'blob'>;
  readonly manifest: ImageManifest;
  readonly tell: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
  /** Before the second attempt, the third, and so on. */
  readonly retryDelaysMs?: readonly number[];
}

export interface PulledConfig {
  /** Of the image: the configuration's sha256, by whatever digest the manifest names it. */
  readonly id: string;
  readonly config: OciImageConfig;
  readonly bytes: Buffer;
}

const CONFIG_LIMIT = 8 * 1024 * 1024;
const RETRY_DELAYS_MS = [250, 1000, 2000];

/** The bytes are in the content store. Throws EngineError in Docker's words. */
export async function pullConfig(content: Content, wanted: ConfigToPull): Promise<PulledConfig> {
  const { config: descriptor, layers } = wanted.manifest;
  if (descriptor.size > CONFIG_LIMIT) throw new EngineError('invalid', 'the image configuration is too large');
  const isHere = content.has(descriptor.digest);
  const bytes = isHere ? await content.read(descriptor.digest) : await fetchConfig(descriptor, wanted);
  if (!isHere) await content.write(bytes);
  const config = parseImageConfig(bytes.toString());
  checkDepth(config.rootfs.diff_ids);
  if (config.rootfs.diff_ids.length !== layers.length) {
    const counts = `${layers.length} layers, ${config.rootfs.diff_ids.length} diff ids`;
    throw new EngineError('invalid', `layers from manifest don't match image configuration: ${counts}`);
  }
  if (config.os !== 'linux') {
    const text = `image operating system "${config.os}" cannot be used on this platform: operating system is not supported`;
    throw new EngineError('invalid', text);
  }
  return { id: sha256(bytes), config, bytes };
}

/** Connections that break are tried again; what the registry refuses it refuses. */
async function fetchConfig({ digest, size }: Descriptor, wanted: ConfigToPull): Promise<Buffer> {
  const { repository, tell, signal, retryDelaysMs = RETRY_DELAYS_MS } = wanted;
  for (let attempt = 1; ; attempt++) {
    try {
      const { stream } = await repository.blob(digest, 0, signal);
      const bytes = await readBody(stream, size);
      const algorithm = digestAlgorithm(digest);
      if (`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest) return bytes;
      throw new EngineError('invalid', `image config verification failed for digest ${digest}`);
    } catch (error) {
      if (signal.aborted) throw new EngineError('cancelled', 'context canceled', { cause: error });
      const isRefusal = error instanceof EngineError && error.code !== 'unavailable';
      const delay = isRefusal ? undefined : retryDelaysMs[attempt - 1];
      if (delay === undefined) throw failed(error, attempt);
      tell(layerRetry(shortId(digest), delay));
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }
}

function failed(error: unknown, attempts: number): EngineError {
  const { code, message } = error instanceof EngineError ? error : new EngineError('unavailable', messageOf(error));
  const isBytes = code === 'invalid';
  const how = isBytes ? '' : `download failed after attempts=${attempts}: `;
  return new EngineError(code, `error pulling image configuration: ${how}${message}`, { cause: error });
}
