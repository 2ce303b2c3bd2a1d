/** Finds and reads a folder's dev container configuration. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { DevContainerConfig } from '#model/devcontainer/config.ts';
import { type ConfigProblem, parseDevContainer, type ParsedConfig } from '#model/devcontainer/parse.ts';

export interface ConfigFile {
  /** Absolute. */
  readonly file: string;
  readonly config: DevContainerConfig;
  readonly warnings: readonly ConfigProblem[];
  /** An error at that part of the file, for what is found out later. */
  readonly errorAt: (path: readonly (string | number)[], message: string) => EngineError;
}

/** Rides along as the `cause` of an error that has a place in a file. */
export interface FilePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Places as the specification lists them; several below `.devcontainer/` are for the person to choose from. */
export async function findConfigFiles(folder: string): Promise<string[]> {
  const standard = [path.join(folder, '.devcontainer', 'devcontainer.json'), path.join(folder, '.devcontainer.json')];
  const below = await readdir(path.join(folder, '.devcontainer'), { withFileTypes: true }).catch(() => []);
  const named = below
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(folder, '.devcontainer', name, 'devcontainer.json'))
    .sort();
  const found: string[] = [];
  for (const file of [...standard, ...named]) {
    if ((await stat(file).catch(() => undefined))?.isFile()) found.push(file);
  }
  return found;
}

/** Throws EngineError('invalid') with `file:line:column` and a FilePlace as its cause. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  let parsed: ParsedConfig;
  try {
    parsed = parseDevContainer(await readFile(file, 'utf8'));
  } catch (error) {
    throw new EngineError('not-found', `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  const { config, problems, problemAt } = parsed;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (config === undefined || first !== undefined) {
    throw placed(file, first ?? problemAt([], 'no configuration'), errors.length - 1);
  }
  return {
    file,
    config,
    warnings: problems,
    errorAt: (at, message) => placed(file, problemAt(at, message), 0),
  };
}

export function placeOf(error: unknown): FilePlace | undefined {
  const cause = error instanceof EngineError ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null) return undefined;
  return 'file' in cause && 'line' in cause && 'column' in cause ? (cause as FilePlace) : undefined;
}

function placed(file: string, { line, column, message }: ConfigProblem, more: number): EngineError {
  const place: FilePlace = { file, line, column };
  const rest = more > 0 ? ` (and ${more} more)` : '';
  return new EngineError('invalid', `${file}:${line}:${column}: ${message}${rest}`, { cause: place });
}
