/** The extension as people install it. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { buildAll } from '../../tools/build.ts';
import { runProgram } from '../../tools/setup/run-program.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Builds and packages what has changed. @returns the path of the .vsix file */
export async function packagedExtension(): Promise<string> {
  await buildAll();
  const file = path.join(ROOT, 'dist/slipway.vsix');
  const parts = ['dist/.build', 'package.json', '.vscodeignore', 'tools/package.ts'];
  const newest = Math.max(...(await Promise.all(parts.map((part) => changedAt(path.join(ROOT, part))))));
  if ((await changedAt(file)) <= newest) {
    await runProgram(process.execPath, [path.join(ROOT, 'tools/package.ts')], { cwd: ROOT });
  }
  return file;
}

async function changedAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
