/** Build contexts for tests: folders made from a table of files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DockerResult, tryDocker } from './docker.ts';

export interface ContextFolder extends Disposable {
  readonly path: string;
  /** Adds or changes files: content by path; `->` in front makes a symlink, `+` an executable. */
  write(files: Readonly<Record<string, string>>): void;
}

export function contextFolder(files: Readonly<Record<string, string>>): ContextFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-build-'));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(more)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      if (content.startsWith('->')) symlinkSync(content.slice(2), file);
      else writeFileSync(file, content.replace(/^\+/, ''));
      if (content.startsWith('+')) chmodSync(file, 0o755);
    }
  };
  write(files);
  return { path: folder, write, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

export interface BuildOutcome extends DockerResult {
  /** Everything printed, without the client's own advice to use BuildKit. */
  readonly said: string;
}

/** `docker build ARGS FOLDER`; a failure is a result. */
export async function dockerBuild(
  engine: { readonly url: string },
  folder: ContextFolder,
  ...args: readonly string[]
): Promise<BuildOutcome> {
  const result = await tryDocker(engine, ['build', ...args, folder.path]);
  return { ...result, said: (result.stdout + result.stderr).replace(/DEPRECATED[^]*?variable\.\n+/, '') };
}
