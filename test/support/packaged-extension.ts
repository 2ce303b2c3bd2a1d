/** The extension as people install it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runProgram } from '../../tools/setup/run-program.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Packages what is built; once per process is enough. @returns the path of the .vsix file */
export async function packagedExtension(): Promise<string> {
  const file = path.join(ROOT, 'dist/slipway.vsix');
  await runProgram(process.execPath, [path.join(ROOT, 'tools/package.ts')], { cwd: ROOT });
  if (!existsSync(file)) throw new Error(`packaging made no ${file}`);
  return file;
}
