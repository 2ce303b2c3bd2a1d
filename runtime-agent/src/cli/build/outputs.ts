/** `--output`, `--push` and `--load`: what is to become of a build. */
import { EngineError } from '#model/engine-api/errors.ts';
import { type BuildOptions, readFields } from './build-options.ts';

export interface ClientOutput {
  /** What the engine hands over. */
  readonly kind: 'files' | 'image';
  /** `-` is standard output. */
  readonly destination: string;
  /** Unpack it into the folder `destination`. */
  readonly unpack: boolean;
}

export interface Outputs {
  readonly wanted: readonly ClientOutput[];
  /** The image stays in the engine. */
  readonly keep: boolean;
  readonly push: boolean;
  /** `rewrite-timestamp=true`. */
  readonly rewriteTimes: boolean;
  /** Names that `type=image,name=…` gives, beside the tags. */
  readonly names: readonly string[];
}

/** Throws EngineError('invalid'). */
export function readOutputs({
  output,
  push,
  load,
  tag,
}: Pick<BuildOptions, 'output' | 'push' | 'load' | 'tag'>): Outputs {
  const read = output.map(readOutput);
  const names = read.flatMap(({ names: own }) => own);
  const pushes = push || read.some((one) => one.push);
  if (pushes && tag.length + names.length === 0)
    throw new EngineError('invalid', 'a push needs a name for the image: give it with --tag');
  const wanted = read.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const isKept = read.length === 0 || load || pushes || read.some((one) => one.keep);
  return {
    wanted,
    keep: isKept || wanted.some(({ kind }) => kind === 'image'),
    push: pushes,
    names,
    rewriteTimes: output.some(rewritesTimes),
  };
}

function rewritesTimes(text: string): boolean {
  return text.includes('=') && /^(1|t|true)$/i.test(readFields('--output', text)['rewrite-timestamp'] ?? '');
}

interface ReadOutput {
  readonly file: ClientOutput | undefined;
  readonly keep: boolean;
  readonly push: boolean;
  readonly names: readonly string[];
}

function readOutput(text: string): ReadOutput {
  if (text === '-') return onlyFile({ kind: 'files', destination: '-', unpack: false });
  if (!text.includes('=')) return onlyFile({ kind: 'files', destination: text, unpack: true });
  const { type, dest, name, push, tar = 'true' } = readFields('--output', text);
  const need = (): string => {
    if (dest === undefined || dest === '') throw new EngineError('invalid', `--output ${text}: dest is required`);
    return dest;
  };
  switch (type) {
    case 'local':
      if (dest === '-') throw new EngineError('invalid', `--output ${text}: a folder cannot be standard output`);
      return onlyFile({ kind: 'files', destination: need(), unpack: true });
    case 'tar':
      return onlyFile({ kind: 'files', destination: dest ?? '-', unpack: false });
    case 'oci':
      return onlyFile({ kind: 'image', destination: dest ?? '-', unpack: tar === 'false' });
    case 'docker':
      if (dest !== undefined) return onlyFile({ kind: 'image', destination: dest, unpack: tar === 'false' });
      return { file: undefined, keep: true, push: false, names: name === undefined ? [] : [name] };
    case 'image':
    case 'registry': {
      const pushes = type === 'registry' || push === 'true';
      return { file: undefined, keep: true, push: pushes, names: name === undefined ? [] : name.split(',') };
    }
    case 'cacheonly':
      return { file: undefined, keep: false, push: false, names: [] };
    default:
      throw new EngineError(
        'invalid',
        `--output ${text}: unknown type "${type ?? ''}": use local, tar, oci, docker, image, registry or cacheonly`,
      );
  }
}

function onlyFile(file: ClientOutput): ReadOutput {
  return { file, keep: false, push: false, names: [] };
}
