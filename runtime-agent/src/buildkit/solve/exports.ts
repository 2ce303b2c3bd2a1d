/** What is to become of a build: BuildKit's exporters. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildOutput } from '../../build/request.ts';

export interface Exporter {
  readonly Type?: string;
  readonly Attrs?: Readonly<Record<string, string>>;
}

export interface Exports {
  readonly tags: readonly string[];
  readonly keepImage: boolean;
  readonly outputs: readonly BuildOutput[];
  /** How the client takes each output, by its name. */
  readonly taken: ReadonlyMap<string, 'folder' | 'file'>;
}

/** Throws EngineError('not-implemented') for those that are not there. */
export function readExports(exporters: readonly Exporter[]): Exports {
  const tags: string[] = [];
  const outputs: BuildOutput[] = [];
  const taken = new Map<string, 'folder' | 'file'>();
  let keepImage = false;
  exporters.forEach(({ Type = '', Attrs = {} }, i) => {
    const name = String(i);
    const names = (Attrs['name'] ?? '').split(',').filter((one) => one !== '');
    switch (Type) {
      case 'moby': // its clients push the image themselves
        keepImage = true;
        tags.push(...names);
        return;
      case 'image':
        if (/^(1|true)$/i.test(Attrs['push'] ?? '')) {
          throw new EngineError(
            'not-implemented',
            'the engine does not push while it builds: push the image afterwards',
          );
        }
        keepImage = true;
        tags.push(...names);
        return;
      case 'local':
        outputs.push({ name, kind: 'files' });
        taken.set(name, 'folder');
        return;
      case 'tar':
        outputs.push({ name, kind: 'files' });
        taken.set(name, 'file');
        return;
      case 'docker':
      case 'oci':
        keepImage = true;
        tags.push(...names);
        outputs.push({ name, kind: 'image' });
        taken.set(name, 'file');
        return;
      default:
        throw new EngineError('invalid', `exporter ${JSON.stringify(Type)} could not be found`);
    }
  });
  return { tags, keepImage, outputs, taken };
}
