/** The host's programs, looked up. */
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { HOST_TOOLS, type HostTool, type PackageFamily, packageFamily } from '#model/host/tools.ts';

/** The program's path, looked up as a shell does, with the system folders always included. */
export function findProgram(program: string, searchPath = process.env['PATH'] ?? ''): string | undefined {
  const folders = [
    ...searchPath.split(':'),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The first of the tool's programs that is there. */
export function findTool({ program, or = [] }: Pick<HostTool, 'program' | 'or'>): string | undefined {
  for (const name of [program, ...or]) {
    const found = findProgram(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tools without which there is no engine. */
export function missingTools(): readonly HostTool[] {
  return HOST_TOOLS.filter((tool) => tool.optional !== true && findTool(tool) === undefined);
}

export function hostFamily(): PackageFamily | undefined {
  try {
    return packageFamily(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return undefined;
  }
}
