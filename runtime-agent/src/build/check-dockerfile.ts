/** BuildKit's checks of what is about to be built: the images and arguments are known here, not guessed. */
import { ignoresOf } from '#model/dockerfile/context-ignores.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { type BuildWarnings, buildWarnings } from '#model/rules/build-warnings.ts';
import { checkedDockerfile } from '#model/rules/checked-dockerfile.ts';
import type { Loaded } from './plan/load-stages.ts';
import { splitVariable } from './plan/stage-draft.ts';

export interface CheckedBuild {
  /** The Dockerfile. */
  readonly text: string;
  /** The text of .dockerignore; undefined when there is none. */
  readonly ignoreFile: string | undefined;
  readonly given: Readonly<Record<string, string>>;
  /** Undefined when an image cannot be had: only what strikes while reading is told then, and is no error. */
  readonly loaded: Loaded | undefined;
}

export function checkDockerfile({ text, ignoreFile, given, loaded }: CheckedBuild): BuildWarnings {
  const mayComeFromImage = ({ index }: Stage, name: string): boolean => {
    let base = loaded?.stages.get(index)?.base;
    while (base?.kind === 'stage') base = loaded?.stages.get(base.index)?.base;
    const env = base?.kind === 'image' ? loaded?.images.get(base.image)?.config.config?.Env : undefined;
    return name === 'PATH' || (env ?? []).some((entry) => splitVariable(entry)[0] === name);
  };
  const document = checkedDockerfile(text, { given, ignores: ignoresOf(ignoreFile), mayComeFromImage });
  const found = buildWarnings(document, (stage) => loaded?.stages.has(stage) ?? false);
  return loaded === undefined ? { ...found, error: undefined } : found;
}
