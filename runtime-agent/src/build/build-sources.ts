/** What a build takes from outside beside its context. */
import { formatPlatform } from '#model/oci/platform.ts';
import type { Image } from '../images/images.ts';
import type { Loaded } from './plan/load-stages.ts';
import type { PlannedStage } from './plan/work.ts';

interface Asked {
  readonly id: string;
  readonly required: boolean;
}

export interface BuildSources {
  readonly images: readonly {
    /** As written. */
    readonly reference: string;
    /** `linux/amd64` */
    readonly platform: string;
    /** Of its manifest; of its layers, when it came from no registry. */
    readonly digest: string;
  }[];
  readonly secrets: readonly Asked[];
  /** SSH agents. */
  readonly agents: readonly Asked[];
}

export function buildSources({
  loaded,
  stages,
}: {
  readonly loaded: Loaded;
  readonly stages: readonly PlannedStage[];
}): BuildSources {
  const images = [...loaded.images].flatMap(([key, image]) => {
    const reference = key.split(' for ')[0] ?? key;
    // A client's own layouts and the results of other builds have no name that means something elsewhere.
    if (reference.includes('://') || image.chainIds.length === 0) return [];
    const { os, architecture, variant } = image.config;
    const platform = formatPlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });
    return [{ reference, platform, digest: digestOf(image) }];
  });
  const mounts = stages.flatMap(({ steps }) => steps.flatMap(({ work }) => (work.kind === 'run' ? work.mounts : [])));
  const asked = (type: 'secret' | 'ssh'): Asked[] => {
    const byId = new Map<string, Asked>();
    for (const mount of mounts) {
      if (mount.type !== type) continue;
      const { id, required } = mount;
      byId.set(id, { id, required: required || (byId.get(id)?.required ?? false) });
    }
    return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  return { images, secrets: asked('secret'), agents: asked('ssh') };
}

function digestOf({ repoDigests, chainIds }: Image): string {
  return repoDigests[0]?.split('@')[1] ?? chainIds.at(-1) ?? '';
}
