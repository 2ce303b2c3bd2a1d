/** A stage's image configuration and variables, as they are after the instructions planned so far. */
import type { OciContainerDefaults } from '#model/oci/image-config.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface StageDraft {
  /** Everything but Env. */
  config: Writable<Omit<OciContainerDefaults, 'Env'>>;
  author: string | undefined;
  readonly env: Map<string, string>;
  /** Declared with ARG, in order, with the value that each got. */
  readonly args: Map<string, string | undefined>;
  /** What `$name` means and commands see: of ENV and ARG of one name, the later one. */
  readonly variables: Map<string, string>;
  /** CMD was given in this Dockerfile: ENTRYPOINT leaves it alone. */
  cmdIsOwn: boolean;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

/** @param base what the stage starts from; nothing for scratch */
export function draftFromImage(base: OciContainerDefaults, author: string | undefined): StageDraft {
  const { Env = [], OnBuild: _triggers, ...config } = base;
  const env = new Map(Env.map((entry) => splitVariable(entry)));
  if (!env.has('PATH')) env.set('PATH', DEFAULT_PATH);
  return { config, author, env, args: new Map(), variables: new Map(env), cmdIsOwn: false };
}

/** A stage that starts from another one goes on with its variables. */
export function draftFromStage(stage: StageDraft): StageDraft {
  const { OnBuild: _triggers, ...config } = stage.config;
  const variables = { env: new Map(stage.env), args: new Map(stage.args), variables: new Map(stage.variables) };
  return { config, author: stage.author, ...variables, cmdIsOwn: false };
}

export function splitVariable(entry: string): [name: string, value: string] {
  const equals = entry.indexOf('=');
  return equals === -1 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

/** The configuration as it stands. */
export function configOf(draft: StageDraft): OciContainerDefaults {
  return { ...draft.config, Env: [...draft.env].map(([name, value]) => `${name}=${value}`) };
}

export function shellOf(draft: StageDraft): readonly string[] {
  return draft.config.Shell ?? DEFAULT_SHELL;
}

export function workdirOf(draft: StageDraft): string {
  return draft.config.WorkingDir || '/';
}
